// All stores: who is there, how fresh their numbers are, what they hold.

import { Frame } from "/assets/frame.js";
import { useLive } from "/assets/live.js";
import { nowMs } from "/assets/clock.js";
import { Stores, stateOf } from "/assets/model.js";
import {
  Age,
  Banner,
  Count,
  Empty,
  StateBadge,
  Total,
  numberText,
  useStoreState,
  useTicking,
} from "/assets/parts.js";
import { html } from "/assets/preact.js";
import { storePath } from "/assets/routes.js";

function make() {
  const model = new Stores();
  return {
    model,
    handlers: {
      stores: (message) => model.replace(message),
      stores_changed: (message) => model.change(message),
      stores_lost: (message) => model.lose(message),
    },
  };
}

export function StoresView() {
  const { model, link } = useLive("/api/v1/events", make);
  const stores = model.sorted();
  return html`<${Frame} title="" link=${link} lost=${model.lost} isKnown=${model.isKnown}>
    ${model.isCut &&
    html`<${Banner} level="warn" title="Not all stores are shown.">
      There are more than this page can follow.
    <//>`}
    ${model.isKnown && (stores.length ? html`<${Network} stores=${stores} />` : NO_STORE)}
  <//>`;
}

const NO_STORE = html`<${Empty} title="No store yet">
  <p>A store appears here by itself as soon as its agent says hello.</p>
  <ol>
    <li>On the store's device, write <code>store.toml</code>: its id, readers and broker.</li>
    <li>Check it: <code>tagtally-edge check-config</code></li>
    <li>Start the agent: <code>tagtally-edge run</code></li>
  </ol>
  <p>No readers at hand? <code>./dev demo</code> plays a whole store on this machine.</p>
<//>`;

function Network({ stores }) {
  const sum = (field) => stores.reduce((total, store) => total + store[field], 0);
  return html`
    <section class="figures" aria-label="All stores together">
      <${OnlineFigure} stores=${stores} />
      <${Figure} label="Items present" value=${sum("present")} kind="present" />
      <${Figure} label="Items missing" value=${sum("missing")} kind="missing" />
      <${Figure} label="Changes pending" value=${sum("pending")} />
    </section>
    <${StoreTable} stores=${stores} />
  `;
}

function OnlineFigure({ stores }) {
  const online = useTicking(
    () => stores.filter((store) => stateOf(store, nowMs()) === "online").length,
  );
  const isWhole = online === stores.length;
  return html`<div class="figure" data-kind=${isWhole ? "good" : "warn"}>
    <p class="label">Stores online</p>
    <p class="number">${numberText(online)}<small> of ${numberText(stores.length)}</small></p>
    <p class="sub">${isWhole ? "all numbers are live" : "numbers of the others are old"}</p>
  </div>`;
}

function Figure({ label, value, kind }) {
  return html`<div class="figure" data-kind=${value ? kind : ""}>
    <p class="label">${label}</p>
    <${Total} value=${value} fewIsGood=${kind !== "present"} />
  </div>`;
}

function StoreTable({ stores }) {
  return html`<table class="stores" role="table">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Store</th>
        <th role="columnheader" scope="col">State</th>
        <th role="columnheader" scope="col">As of</th>
        <th role="columnheader" scope="col" class="n">Present</th>
        <th role="columnheader" scope="col" class="n">Missing</th>
        <th role="columnheader" scope="col" class="n">SKUs</th>
        <th role="columnheader" scope="col" class="n">Pending</th>
        <th role="columnheader" scope="col">Readers</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${stores.map((store) => html`<${StoreRow} key=${store.store} store=${store} />`)}
    </tbody>
  </table>`;
}

function StoreRow({ store }) {
  const state = useStoreState(store);
  const isKnown = store.status_at_us !== null;
  return html`<tr role="row" data-testid="store-row" data-store=${store.store} data-state=${state}>
    <th role="rowheader" scope="row">
      <a href=${storePath(store.store)}>${store.name}</a><small>${store.store}</small>
    </th>
    <td role="cell">
      <${StateBadge} state=${state} />
      ${store.alarms.length > 0 &&
      html`<span class="alarm" title=${store.alarms.join("\n")}>alarm</span>`}
    </td>
    <td role="cell" class="age">
      ${isKnown ? html`<${Age} at=${store.status_at_us} />` : "no agent has come yet"}
    </td>
    ${["present", "missing", "skus", "pending"].map(
      (field) => html`<${NumberCell} field=${field} value=${isKnown ? store[field] : null} />`,
    )}
    <td role="cell" class="readers"><${Readers} readers=${store.readers} /></td>
  </tr>`;
}

const LABELS = { present: "Present", missing: "Missing", skus: "SKUs", pending: "Pending" };

function NumberCell({ field, value }) {
  const look = { class: value ? "" : "zero", fewIsGood: field !== "present" };
  return html`<td role="cell" class="n" data-field=${field} data-label=${LABELS[field]}>
    ${value === null ? "–" : html`<${Count} value=${value} ...${look} />`}
  </td>`;
}

// One mark a reader; those that are down are named.
function Readers({ readers }) {
  if (!readers.length) return html`<span class="zero">–</span>`;
  const down = readers.filter((reader) => !reader.up);
  return html`<span class="marks" aria-hidden="true">
      ${readers.map(({ name, up }) => html`<i data-up=${up ? "yes" : "no"} title=${name} />`)}
    </span>
    <span class=${down.length ? "down" : ""}>
      ${down.length
        ? `${down.map((reader) => reader.name).join(", ")} down`
        : `${readers.length} up`}
    </span>`;
}
