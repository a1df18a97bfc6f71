// A link to the server that is either live or known to be lost.
//
// The server says something at least every 10 s.  A link that says nothing for longer than
// SILENCE_MS is as good as dead, whatever the browser thinks of it, and is opened anew, as one that
// has failed is: soon at first, then more slowly, never all browsers at the same moment.  Each new
// link begins with the whole, so nothing that was missed matters.

import { hear, onTick } from "/assets/clock.js";

const SILENCE_MS = 25_000;
const AGAIN_MS = 500;
const AGAIN_AT_MOST_MS = 8_000;

// handlers: { event name: (message) => void }.  told(link) hears each change of
// { state: "connecting" | "live" | "lost", sinceMs }: lost since the last word that came, on
// performance.now().  Gives a function that ends it all.
export function follow(url, handlers, told) {
  let source = null;
  let retry = 0;
  let failures = 0;
  let heardMs = performance.now();
  let quietSinceMs = heardMs;
  let state = "connecting";

  function tell(next) {
    if (next === state) return;
    state = next;
    told({ state, sinceMs: heardMs });
  }

  function receiver(handle) {
    return (event) => {
      const message = JSON.parse(event.data);
      hear(message.now_us);
      heardMs = quietSinceMs = performance.now();
      failures = 0;
      tell("live");
      handle(message);
    };
  }

  function open() {
    shut();
    quietSinceMs = performance.now();
    source = new EventSource(url);
    source.onerror = drop;
    source.addEventListener("heartbeat", receiver(() => {}));
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, receiver(handle));
    }
  }

  function shut() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function drop() {
    shut();
    tell("lost");
    const wait = Math.min(AGAIN_MS * 2 ** failures, AGAIN_AT_MOST_MS);
    failures += 1;
    retry = setTimeout(open, wait * (0.5 + Math.random() / 2));
  }

  function look() {
    if (source && performance.now() - quietSinceMs > SILENCE_MS) drop();
  }

  function reopen() {
    if (state === "lost") open();
  }

  function restore(event) {
    if (event.persisted) open(); // the page came back from the browser's history cache
  }

  const stopTicking = onTick(look);
  window.addEventListener("online", reopen);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", shut);
  window.addEventListener("pageshow", restore);
  open();

  return () => {
    stopTicking();
    window.removeEventListener("online", reopen);
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("pagehide", shut);
    window.removeEventListener("pageshow", restore);
    shut();
  };
}
