// What stands around every view: the head with the state of the link, and the banners.

import { nowMs } from "/assets/clock.js";
import { AsOf, Banner, Mark, Since, useTicking } from "/assets/parts.js";
import { html, useEffect, useLayoutEffect, useRef } from "/assets/preact.js";

const BLINK_MS = 1500; // a link that is back sooner is not worth a banner

const LINKS = {
  connecting: "Connecting",
  live: "Live",
  lost: "Not connected",
};

function Connection({ link, lost }) {
  const state = link.state === "live" && lost ? "lost" : link.state;
  const text = link.state === "live" && lost ? "No data" : LINKS[link.state];
  return html`<p class="connection" data-testid="connection" data-state=${state} role="status">
    <span class="dot" aria-hidden="true"></span>${text}
  </p>`;
}

function isLongAgo(ms) {
  return performance.now() - ms > BLINK_MS;
}

function LinkBanner({ link, isKnown }) {
  const isShown = useTicking(() => link.state === "lost" && isLongAgo(link.sinceMs));
  if (!isShown) return null;
  if (!isKnown) {
    return html`<${Banner} level="bad" title="No connection to the server.">
      Nothing can be shown yet. Trying again.
    <//>`;
  }
  const since = (nowMs() - (performance.now() - link.sinceMs)) * 1000;
  return html`<${Banner} level="bad" title="No connection to the server.">
    What you see is <${Since} ms=${link.sinceMs} /> old, as of <${AsOf} at=${since} />, and does not
    change any more. Trying again.
  <//>`;
}

function LostBanner({ lost }) {
  if (!lost) return null;
  return html`<${Banner} level="bad" title="The server cannot reach its database.">
    ${lost.asOfUs
      ? html`What you see is as of <${AsOf} at=${lost.asOfUs} />. `
      : "Nothing can be shown yet. "}
    <span class="reason">${lost.reason}</span>
  <//>`;
}

// Tells the style sheet how high head and banners are: what sticks below them must know.
function useHeight(element) {
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([{ target }]) => {
      document.documentElement.style.setProperty("--top", `${target.offsetHeight}px`);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
}

// `isKnown`: there is something below.  `lost`: see model.js.  `isOld`: something makes all
// numbers below older than they should be.
export function Frame({ title, crumb, link, lost, isKnown, isOld, banners, children }) {
  const top = useRef();
  useHeight(top);
  useEffect(() => {
    document.title = title ? `${title} · Tagtally` : "Tagtally";
  }, [title]);
  const isCut = link.state === "lost" || lost || isOld;
  return html`
    <a class="skip" href="#main" data-plain="yes">To the numbers</a>
    <div class="top" ref=${top}>
      <header class="head">
        <a class="brand" href="/" aria-label="Tagtally, all stores"><${Mark} />Tagtally</a>
        ${crumb && html`<nav aria-label="Place"><a href="/">Stores</a><span>${crumb}</span></nav>`}
        <${Connection} link=${link} lost=${lost} />
      </header>
      <${LinkBanner} link=${link} isKnown=${isKnown} />
      ${link.state !== "lost" && html`<${LostBanner} lost=${lost} />${banners}`}
    </div>
    <main id="main" data-old=${isCut ? "yes" : "no"} tabindex="-1">${children}</main>
  `;
}
