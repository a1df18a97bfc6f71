// The newest counts of a store: those that run with how far they are, the others with what differs.

import { Age, Banner, numberText, zoneText } from "/assets/parts.js";
import { html, useEffect, useState } from "/assets/preact.js";

const SHOWN = 3; // counts, before somebody wants all
const MOST_SERIALS = 8; // of a line

const STATES = {
  running: "Running",
  closed: "To approve",
  approved: "Approved",
  cancelled: "Cancelled",
  refused: "Refused",
};
const BASES = {
  state: "what was there",
  items: "a list of items",
  quantities: "a list of quantities",
  nothing: "nothing that is known",
};

export function Counts({ storeId, counts, lost }) {
  const [isAll, setAll] = useState(false);
  if (!counts.length) return null;
  const shown = isAll ? counts : counts.slice(0, SHOWN);
  return html`<section class="counts" aria-label="Counts" data-testid="counts">
    <h2>Counts</h2>
    ${lost &&
    html`<${Banner} level="warn" title="These counts may be old.">${lost.reason}<//>`}
    <ul>
      ${shown.map(
        (count) => html`<${Count} key=${count.id} storeId=${storeId} count=${count} />`,
      )}
    </ul>
    ${counts.length > shown.length &&
    html`<button type="button" class="more" onClick=${() => setAll(true)}>
      Show all ${numberText(counts.length)}
    </button>`}
  </section>`;
}

function Count({ storeId, count }) {
  const [isOpen, setOpen] = useState(false);
  const hasLines = count.state !== "running" && count.state !== "refused";
  return html`<li data-testid="counted" data-id=${count.id} data-state=${count.state}>
    <div class="counted-head">
      <div>
        <p class="what">
          <span class="state">${STATES[count.state]}</span>
          <strong>${count.zones.map(zoneText).join(", ")}</strong>
          <span class="id">${count.id}</span>
        </p>
        <p class="when"><${When} count=${count} /></p>
      </div>
      ${count.state !== "refused" && html`<${Figures} count=${count} />`}
    </div>
    ${count.state === "running" && html`<${Progress} count=${count} />`}
    ${count.note && html`<p class="note">${count.note}</p>`}
    ${hasLines &&
    html`<button
      type="button"
      class="more"
      aria-expanded=${isOpen ? "true" : "false"}
      onClick=${() => setOpen(!isOpen)}
    >
      ${isOpen ? "Hide differences" : "Show differences"}
    </button>`}
    ${isOpen && html`<${Differences} storeId=${storeId} count=${count} />`}
  </li>`;
}

function When({ count }) {
  if (count.state === "refused") {
    return html`ordered by ${count.opened_by} <${Age} at=${count.opened_at_us} />`;
  }
  const begun = html`opened by ${count.opened_by} <${Age} at=${count.opened_at_us} />, expecting
    ${" "}${BASES[count.basis] ?? count.basis}`;
  if (!count.closed_at_us) return begun;
  const closed = html`${begun}; closed by ${count.closed_by} <${Age} at=${count.closed_at_us} />`;
  if (!count.decided_at_us) return closed;
  return html`${closed}; ${count.state} by ${count.decided_by}${" "}
    <${Age} at=${count.decided_at_us} />${count.state === "approved" && `: ${appliedText(count)}`}`;
}

function appliedText({ applied, left_alone: left }) {
  const events = Object.entries(applied).map(([kind, n]) => `${numberText(n)} ${kind}`);
  if (left) events.push(`${numberText(left)} left alone`);
  return events.join(", ") || "nothing to change";
}

const FIGURES = ["expected", "found", "missing", "unexpected"];

// While a count runs, what was not found yet is no bad news.
function Figures({ count }) {
  const isRunning = count.state === "running";
  return html`<dl class="counted-figures">
    ${FIGURES.map(
      (key) => html`<div data-kind=${!isRunning && count[key] ? key : ""}>
        <dt>${isRunning && key === "missing" ? "to go" : key}</dt>
        <dd data-testid=${`counted-${key}`}>${numberText(count[key])}</dd>
      </div>`,
    )}
    ${!isRunning && html`<${Accuracy} count=${count} />`}
  </dl>`;
}

function Accuracy({ count }) {
  return html`
    <div title="1 − (missing + unexpected) ÷ expected; of SKUs: those without a difference">
      <dt>accuracy</dt>
      <dd>${percentText(count.unit_accuracy)}</dd>
    </div>
    <div>
      <dt>exact SKUs</dt>
      <dd>${percentText(count.sku_accuracy)}</dd>
    </div>
  `;
}

function percentText(share) {
  return share === null ? "–" : `${(100 * share).toFixed(1)} %`;
}

function Progress({ count }) {
  const matched = count.expected - count.missing;
  const percent = count.expected ? Math.round((100 * matched) / count.expected) : 0;
  return html`<p class="share" data-testid="count-progress">
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rail" width="100" height="4" /><rect class="bar" width=${percent} height="4" />
    </svg>
    <span>
      ${count.expected
        ? `${numberText(matched)} of ${numberText(count.expected)} expected items found`
        : `${numberText(count.found)} items found; none were expected`}
    </span>
  </p>`;
}

// Read when somebody looks, and again when the count has become another.
function Differences({ storeId, count }) {
  const [lines, setLines] = useState(null);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    readLines(storeId, count.id, ending.signal).then(setLines, (error) => {
      if (error.name !== "AbortError") setFailure(error.message);
    });
    return () => ending.abort();
  }, [count.id, count.received_at_us]);
  if (failure) return html`<p class="note" role="alert">Cannot be read: ${failure}</p>`;
  if (!lines) return html`<p class="note">Reading…</p>`;
  const differing = lines.filter((line) => line.missing || line.unexpected);
  if (!differing.length) return html`<p class="note">Nothing differs.</p>`;
  return html`<div class="scroll">
    <table data-testid="differences">
      <thead>
        <tr>
          <th>SKU</th>
          <th class="amount">Expected</th>
          <th class="amount">Found</th>
          <th class="amount">Missing</th>
          <th class="amount">Unexpected</th>
          <th>Items</th>
        </tr>
      </thead>
      <tbody>
        ${differing.map((line) => html`<${Line} key=${line.gtin} line=${line} />`)}
      </tbody>
    </table>
  </div>`;
}

async function readLines(storeId, countId, signal) {
  const answer = await fetch(`/api/v1/stores/${storeId}/counts/${countId}`, { signal });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error);
  return told.lines;
}

function Line({ line }) {
  return html`<tr data-gtin=${line.gtin}>
    <td>${line.name && html`<strong>${line.name}</strong>`} <span class="id">${line.gtin}</span></td>
    <td class="amount">${numberText(line.expected)}</td>
    <td class="amount">${numberText(line.found)}</td>
    <td class="amount" data-kind=${line.missing ? "missing" : ""}>${numberText(line.missing)}</td>
    <td class="amount" data-kind=${line.unexpected ? "unexpected" : ""}>
      ${numberText(line.unexpected)}
    </td>
    <td class="serials">
      <${Serials} what="missing" serials=${line.missing_serials} number=${line.missing} />
      <${Serials} what="unexpected" serials=${line.unexpected_serials} number=${line.unexpected} />
    </td>
  </tr>`;
}

// Of a list of quantities nobody knows which items are missing.
function Serials({ what, serials, number }) {
  if (!serials.length) return null;
  const shown = serials.slice(0, MOST_SERIALS);
  const more = number - shown.length;
  return html`<p>
    <span>${what}</span> ${shown.join(", ")}${more > 0 && ` and ${numberText(more)} more`}
  </p>`;
}
