// What time it is at head office, and how old things are by it.
//
// Every message tells the server's clock, so a browser whose own clock is wrong still shows true
// ages.  Between messages the time goes on by whichever of the browser's two clocks has gone
// further: one stands still while a computer sleeps, the other can be set back.  An age may so
// come out too great for a moment, never too small.

let heard = null; // { nowMs, monotonicMs, wallMs } of the last message

export function hear(nowUs) {
  heard = { nowMs: nowUs / 1000, monotonicMs: performance.now(), wallMs: Date.now() };
}

export function nowMs() {
  if (!heard) return Date.now();
  const passed = Math.max(performance.now() - heard.monotonicMs, Date.now() - heard.wallMs);
  return heard.nowMs + passed;
}

export function ageMs(atUs) {
  return Math.max(0, nowMs() - atUs / 1000);
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// "12 s", "3 min", "2 h 05 min", "5 days"
export function spanText(ms) {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) {
    const minutes = String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, "0");
    return `${Math.floor(ms / HOUR)} h ${minutes} min`;
  }
  const days = Math.floor(ms / DAY);
  return days === 1 ? "1 day" : `${days} days`;
}

export function agoText(ms) {
  return ms < SECOND ? "just now" : `${spanText(ms)} ago`;
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function clockText(atUs) {
  const at = new Date(atUs / 1000);
  return ageMs(atUs) < DAY / 2 ? TIME.format(at) : DATE_TIME.format(at);
}

export function fullText(atUs) {
  return DATE_TIME.format(new Date(atUs / 1000));
}

// All that ticks, ticks together.
const ticking = new Set();
let timer = 0;

export function onTick(call) {
  ticking.add(call);
  timer ||= setInterval(() => ticking.forEach((each) => each()), SECOND);
  return () => {
    ticking.delete(call);
    if (!ticking.size) timer = clearInterval(timer) ?? 0;
  };
}
