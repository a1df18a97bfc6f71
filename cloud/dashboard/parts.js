// Small parts that all views are made of.

import { ageMs, agoText, clockText, fullText, nowMs, onTick, spanText } from "/assets/clock.js";
import { stateOf } from "/assets/model.js";
import { html, useEffect, useRef, useState } from "/assets/preact.js";

const NUMBER = new Intl.NumberFormat();

export function numberText(value) {
  return NUMBER.format(value);
}

// Zones are named in configuration files: "back-room" reads "Back room".
export function zoneText(zone) {
  const words = zone.replace(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// Gives what `read` gives now, once a second; draws anew only when that is something else.
export function useTicking(read) {
  const [, draw] = useState(0);
  const latest = useRef();
  const reading = useRef();
  reading.current = read;
  latest.current = read();
  useEffect(
    () =>
      onTick(() => {
        if (reading.current() !== latest.current) draw((count) => count + 1);
      }),
    [],
  );
  return latest.current;
}

export function Age({ at }) {
  const text = useTicking(() => agoText(ageMs(at)));
  return html`<time datetime=${new Date(at / 1000).toISOString()} title=${fullText(at)}
    >${text}</time
  >`;
}

// How long ago something was on this browser's own monotonic clock.
export function Since({ ms }) {
  return html`<span>${useTicking(() => spanText(performance.now() - ms))}</span>`;
}

export function AsOf({ at }) {
  return html`<time datetime=${new Date(at / 1000).toISOString()}>${clockText(at)}</time>`;
}

const STATES = {
  online: { text: "Online", mark: "M4 8.500 7 11.500 12.500 5.500" },
  offline: { text: "Offline", mark: "M5 5 11 11M11 5 5 11" },
  stale: { text: "Stale", mark: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0M8 5v3.200l2 1.300" },
  never: { text: "Never seen", mark: "M5 8H11" },
};

// Told apart by text and shape as well as by colour.
export function StateBadge({ state }) {
  const { text, mark } = STATES[state];
  return html`<span class="badge" data-state=${state} data-testid="state">
    <svg viewBox="0 0 16 16" aria-hidden="true"><path d=${mark} /></svg>${text}
  </span>`;
}

// Calls `changed` with the difference whenever `value` is drawn anew with another one.
function useDifference(value, changed) {
  const before = useRef(value);
  useEffect(() => {
    if (before.current !== value) changed(value - before.current);
    before.current = value;
  }, [value]);
}

// A number that lights up for a moment when it changes.  `fewIsGood`: more of it is no good news.
export function Count({ value, gtin, zone, fewIsGood, ...rest }) {
  const element = useRef();
  useDifference(value, (difference) => light(element.current, difference > 0 === !fewIsGood));
  return html`<span
    ref=${element}
    data-testid=${gtin && "count"}
    data-gtin=${gtin}
    data-zone=${zone}
    data-value=${value}
    ...${rest}
    >${numberText(value)}</span
  >`;
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function light(element, isGood) {
  const colour = getComputedStyle(element).getPropertyValue(isGood ? "--lit-good" : "--lit-bad");
  const lit = { backgroundColor: colour, boxShadow: `0 0 0 0.3em ${colour}` };
  const unlit = { backgroundColor: "transparent", boxShadow: "0 0 0 0.3em transparent" };
  // In few steps: a screen full of smooth fades would keep a small computer busy.
  const fading = { ...lit, offset: 0.5, easing: "steps(8)" };
  const frames = calm.matches ? [lit, lit] : [{ ...lit, easing: "step-end" }, fading, unlit];
  element.animate(frames, { duration: 2600 });
}

const SHOWN = { opacity: 1 };
const FADING = [SHOWN, { ...SHOWN, offset: 0.5, easing: "steps(8)" }, { opacity: 0 }];

// A great number that changes all the time: it stays calm, and beside it stands by how much.
export function Total({ value, fewIsGood }) {
  const element = useRef();
  useDifference(value, (difference) => {
    const isMore = difference > 0;
    element.current.textContent = (isMore ? "+" : "−") + numberText(Math.abs(difference));
    element.current.dataset.kind = isMore === !fewIsGood ? "good" : "bad";
    element.current.animate(calm.matches ? [SHOWN, SHOWN] : FADING, { duration: 3000 });
  });
  return html`<p class="number">
    <span data-value=${value}>${numberText(value)}</span>
    <span class="difference" aria-hidden="true" ref=${element}></span>
  </p>`;
}

export function Empty({ title, children }) {
  return html`<section class="empty" data-testid="empty">
    <${Mark} />
    <h2>${title}</h2>
    ${children}
  </section>`;
}

export function Mark() {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="9" />
    <path d="M8.500 21.500v-11h6.800L23 18.200l-6.500 6.300-5-3Z" />
    <circle cx="12.500" cy="14.500" r="1.500" />
    <path d="M20.500 8.500a8 8 0 0 1 4.500 4.500" />
  </svg>`;
}

// Each banner says what is not as it should be, and how old the numbers therefore are.
export function Banner({ level, title, children }) {
  return html`<section class="banner" data-level=${level} data-testid="banner">
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 4 2.500 20.500h19ZM12 10v4.500M12 17.200v.3" />
    </svg>
    <p><strong role="status">${title}</strong> <span>${children}</span></p>
  </section>`;
}

export function useStoreState(store) {
  return useTicking(() => stateOf(store, nowMs()));
}
