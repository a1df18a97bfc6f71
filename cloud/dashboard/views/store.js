// One store: what lies in which zone, by SKU, as it changes.

import { ageMs } from "/assets/clock.js";
import { Frame } from "/assets/frame.js";
import { useLive } from "/assets/live.js";
import { Stock, chosen } from "/assets/model.js";
import {
  Age,
  Banner,
  Empty,
  StateBadge,
  Total,
  numberText,
  useStoreState,
  useTicking,
  zoneText,
} from "/assets/parts.js";
import { html, useEffect, useMemo, useRef, useState } from "/assets/preact.js";
import { Counts } from "/assets/views/counts.js";
import { StockTable } from "/assets/views/table.js";

const BACKLOG = 100; // GTINs whose changes have not come
const STUCK_MS = 60_000;
const RIVAL_MS = 15 * 60 * 1000;

class OneStore {
  isKnown = false;
  store = null;
  lost = null;
  stock = new Stock();
  counts = [];
  countsLost = null;
}

function make() {
  const model = new OneStore();
  const { stock } = model;
  return {
    model,
    handlers: {
      store: ({ store }) => Object.assign(model, { store, isKnown: true, lost: null }),
      store_lost: ({ reason, as_of_us: asOfUs }) => (model.lost = { reason, asOfUs }),
      stock: (message) => stock.replace(message),
      stock_changed: (message) => stock.change(message),
      stock_lost: (message) => stock.lose(message),
      counts: ({ counts }) => Object.assign(model, { counts, countsLost: null }),
      counts_lost: ({ reason }) => (model.countsLost = { reason }),
    },
  };
}

export function StoreView({ storeId }) {
  const { model, link } = useLive(`/api/v1/stores/${storeId}/events`, make);
  const { store, stock } = model;
  const lost = model.lost ?? stock.lost;
  if (!store) {
    const { isKnown } = model;
    const frame = { title: storeId, crumb: storeId, link, lost, isKnown };
    return html`<${Frame} ...${frame}>
      ${isKnown && html`<${NoSuchStore} storeId=${storeId} />`}
    <//>`;
  }
  const counts = html`<${Counts}
    storeId=${storeId}
    counts=${model.counts}
    lost=${model.countsLost}
  />`;
  const known = { store, stock, link, lost, counts };
  return html`<${KnownStore} ...${known} />`;
}

function KnownStore({ store: told, stock, link, lost, counts }) {
  const store = stock.heard(told);
  const state = useStoreState(store);
  const banners = html`
    <${StoreBanner} store=${store} state=${state} />
    <${RivalNote} store=${store} />
    ${store.alarms.map(
      (alarm) => html`<${Banner} key=${alarm} level="bad" title="Alarm.">${alarm}<//>`,
    )}
  `;
  return html`<${Frame}
    title=${store.name}
    crumb=${store.name}
    link=${link}
    lost=${lost}
    isKnown
    isOld=${state !== "online" || Boolean(store.trouble)}
    banners=${banners}
  >
    <${Heading} store=${store} state=${state} />
    ${stock.isKnown &&
    (stock.lines.size
      ? html`<${Totals} stock=${stock} />${counts}<${Lines} stock=${stock} />`
      : html`${counts}<${NoStock} store=${store} />`)}
  <//>`;
}

function StoreBanner({ store, state }) {
  const age = store.heard_at_us && html`<${Age} at=${store.heard_at_us} />`;
  switch (state) {
    case "offline":
      return html`<${Banner} level="bad" title="This store is offline.">
        Its agent was last heard ${age}; the counts are what it had said by then. What changes
        meanwhile is kept in the store and comes by itself later.
      <//>`;
    case "stale":
      return html`<${Banner} level="warn" title="This store has gone quiet.">
        Nothing was heard of its agent since ${age}, though it did not say goodbye. The counts are
        at least that old.
      <//>`;
    case "never":
      return html`<${Banner} level="warn" title="This store was never seen.">
        It is known here, but no agent has come yet: start <code>tagtally-edge run</code> there.
      <//>`;
    default:
      return store.trouble
        ? html`<${TroubleNote} trouble=${store.trouble} />`
        : html`<${PendingNote} store=${store} />`;
  }
}

const TROUBLES = {
  rebuilding: [
    "This store is being rebuilt.",
    "Its database is new. The counts are those from before, and stay until all its readers have " +
      "been up for long enough.",
  ],
  foreign: [
    "This store's counts do not follow its agent.",
    "They belong to another device. If this one takes its place, a person must say so there.",
  ],
  twin: [
    "Two agents speak for this store.",
    "They have one identity, and their counts take turns. One of them must be stopped.",
  ],
  refused: ["This store's counts do not arrive.", "Nothing that its agent sends can be taken."],
};

function TroubleNote({ trouble }) {
  const [title, text] = TROUBLES[trouble] ?? ["This store's counts may be old.", trouble];
  return html`<${Banner} level="warn" title=${title}>${text}<//>`;
}

// A device that was refused tries again every few minutes.
function RivalNote({ store }) {
  const { rival, rival_at_us: rivalAtUs } = store;
  const isRecent = useTicking(() => rivalAtUs !== null && ageMs(rivalAtUs) < RIVAL_MS);
  if (!rival || !isRecent) return null;
  return html`<${Banner} level="warn" title="Another device wants to speak for this store.">
    ${rival} was refused. If it takes this store's place, a person must say so there; if it is
    another store, it needs an id of its own.
  <//>`;
}

// A few changes are always on their way; worth a word is a backlog, or when nothing arrives.
function PendingNote({ store }) {
  const { pending, applied_at_us: appliedAtUs } = store;
  const isStuck = useTicking(() => appliedAtUs === null || ageMs(appliedAtUs) > STUCK_MS);
  if (!(pending > BACKLOG || (pending > 0 && isStuck))) return null;
  return html`<${Banner} level="note" title="${numberText(pending)} changes are on their way.">
    They are counted in the store and not yet here.
  <//>`;
}

function Heading({ store, state }) {
  return html`<header class="heading">
    <div>
      <h1>${store.name}</h1>
      <p class="facts">
        <${StateBadge} state=${state} />
        <span class="id">${store.store}</span>
        ${store.heard_at_us && html`<span>last heard <${Age} at=${store.heard_at_us} /></span>`}
        ${store.strays > 0 &&
        html`<span title="Tags that are no items of this store">
          ${numberText(store.strays)} strays
        </span>`}
      </p>
    </div>
    <ul class="readers-list" aria-label="Readers">
      ${store.readers.map(
        (reader) => html`<li data-up=${reader.up ? "yes" : "no"} title=${reader.detail}>
          <i aria-hidden="true" />${reader.name}
          <span>${reader.up ? "up" : `down${reader.detail && `: ${reader.detail}`}`}</span>
        </li>`,
      )}
    </ul>
  </header>`;
}

function Totals({ stock }) {
  const totals = useMemo(() => stock.totals(), [stock.version]);
  return html`<section class="totals" aria-label="Totals">
    <div class="total main" data-testid="total-present">
      <p class="label">Items present</p>
      <${Total} value=${totals.present} />
      <p class="sub">of ${numberText(totals.skus)} SKUs</p>
    </div>
    ${[...totals.zones].map(
      ([zone, count]) =>
        html`<${ZoneTotal} key=${zone} zone=${zone} count=${count} whole=${totals.present} />`,
    )}
    <div class="total" data-kind=${totals.missing ? "missing" : ""} data-testid="total-missing">
      <p class="label">Missing</p>
      <${Total} value=${totals.missing} fewIsGood />
      <p class="sub">not read for too long</p>
    </div>
  </section>`;
}

function ZoneTotal({ zone, count, whole }) {
  return html`<div class="total" data-testid="zone-total" data-zone=${zone}>
    <p class="label">${zoneText(zone)}</p>
    <${Total} value=${count} />
    <${Share} part=${count} whole=${whole} />
  </div>`;
}

function Share({ part, whole }) {
  const percent = whole ? Math.round((100 * part) / whole) : 0;
  return html`<p class="share">
    <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rail" width="100" height="4" /><rect class="bar" width=${percent} height="4" />
    </svg>
    <span>${percent} %</span>
  </p>`;
}

function Lines({ stock }) {
  const [query, setQuery] = useState("");
  const [onlyMissing, setOnlyMissing] = useState(false);
  const [sort, setSort] = useState({ key: "name", isDescending: false });
  const showAll = () => {
    setQuery("");
    setOnlyMissing(false);
  };
  const lines = useMemo(
    () => chosen(stock, { query, onlyMissing, sort }),
    [stock.version, query, onlyMissing, sort],
  );
  return html`<section aria-label="Stock by SKU">
    <div class="tools">
      <${Search} query=${query} onQuery=${setQuery} />
      <label class="toggle">
        <input
          type="checkbox"
          checked=${onlyMissing}
          onChange=${(event) => setOnlyMissing(event.target.checked)}
        />Only missing
      </label>
      <${Sorting} zones=${stock.zones} sort=${sort} onSort=${setSort} />
      <p class="found" role="status" data-testid="found">${foundText(lines, stock)}</p>
    </div>
    ${lines.length
      ? html`<${StockTable} lines=${lines} zones=${stock.zones} sort=${sort} onSort=${setSort} />`
      : html`<p class="none">
          No SKU is like this. <button type="button" onClick=${showAll}>Show all</button>
        </p>`}
  </section>`;
}

function foundText(lines, stock) {
  const all = numberText(stock.lines.size);
  const isAll = lines.length === stock.lines.size;
  return isAll ? `${all} SKUs` : `${numberText(lines.length)} of ${all} SKUs`;
}

function Search({ query, onQuery }) {
  const input = useRef();
  useEffect(() => {
    const focus = (event) => {
      const isTyping = /^(input|select|textarea)$/i.test(event.target.tagName);
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  return html`<label class="search">
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="7" cy="7" r="4.500" /><path d="m10.500 10.500 3.500 3.500" />
    </svg>
    <span class="hidden">Search name or GTIN</span>
    <input
      ref=${input}
      type="search"
      placeholder="Search name or GTIN"
      autocomplete="off"
      spellcheck="false"
      data-testid="search"
      value=${query}
      onInput=${(event) => onQuery(event.target.value)}
    />
    <kbd aria-hidden="true">/</kbd>
  </label>`;
}

// For small screens, where the table has no heads to click on.
function Sorting({ zones, sort, onSort }) {
  const choices = [
    ["name", "Name"],
    ["changed", "Last changed"],
    ["present", "Most items"],
    ["missing", "Most missing"],
    ...zones.map((zone) => [`zone:${zone}`, `Most in ${zoneText(zone)}`]),
  ];
  const choose = ({ target: { value } }) => onSort({ key: value, isDescending: value !== "name" });
  return html`<label class="sorting">
    <span class="hidden">Sort by</span>
    <select value=${sort.key} onChange=${choose}>
      ${choices.map(([key, text]) => html`<option key=${key} value=${key}>${text}</option>`)}
    </select>
  </label>`;
}

function NoSuchStore({ storeId }) {
  return html`<${Empty} title="No store called ${storeId} yet">
    <p>It appears here by itself as soon as its agent says hello. Is its id spelt as in the
      <code>[store]</code> table of its <code>store.toml</code>?</p>
    <p><a href="/">Show all stores</a></p>
  <//>`;
}

function NoStock({ store }) {
  const down = store.readers.filter((reader) => !reader.up);
  return html`<${Empty} title="No stock yet">
    <p>Counts appear here by themselves once a reader has read items.</p>
    ${down.length
      ? html`<p>
          Down: ${down.map((reader) => reader.name).join(", ")}. On the store's device,${" "}
          <code>tagtally-edge doctor</code> says what is wrong.
        </p>`
      : html`<p>
          If items lie in front of an antenna, <code>tagtally-edge doctor</code> on the store's
          device says what the readers hear.
        </p>`}
  <//>`;
}
