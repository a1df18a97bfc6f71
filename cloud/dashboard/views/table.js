// The table of SKUs by zone.  However many there are, only the rows in sight are in the page: all
// rows are equally high (see table.css), and two spacers stand for the rest.

import { Age, Count, zoneText } from "/assets/parts.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "/assets/preact.js";

const SPARE = 12; // rows beyond what is in sight, above and below
const GUESS_PX = 56; // a row's height until one was measured

export function StockTable({ lines, zones, sort, onSort }) {
  const body = useRef();
  const { first, count, rowPx } = useWindow(body, lines.length);
  const shown = lines.slice(first, first + count);
  return html`<table
    class="stock"
    role="table"
    aria-label="Stock by SKU and zone"
    aria-rowcount=${lines.length + 1}
    data-zones=${Math.min(zones.length, 9)}
  >
    <${Heads} zones=${zones} sort=${sort} onSort=${onSort} />
    <tbody role="rowgroup" ref=${body}>
      <${Spacer} px=${first * rowPx} key="above" />
      ${shown.map(
        (line, index) =>
          html`<${Row} key=${line.gtin} line=${line} zones=${zones} index=${first + index + 2} />`,
      )}
      <${Spacer} px=${(lines.length - first - shown.length) * rowPx} key="below" />
    </tbody>
  </table>`;
}

function Heads({ zones, sort, onSort }) {
  const heads = [
    { key: "name", text: "SKU", isText: true },
    ...zones.map((zone) => ({ key: `zone:${zone}`, text: zoneText(zone) })),
    { key: "present", text: "Present" },
    { key: "missing", text: "Missing" },
    { key: "changed", text: "Changed" },
  ];
  return html`<thead role="rowgroup">
    <tr role="row" aria-rowindex="1">
      ${heads.map(
        (head) => html`<${Head} key=${head.key} head=${head} sort=${sort} onSort=${onSort} />`,
      )}
    </tr>
  </thead>`;
}

function Head({ head, sort, onSort }) {
  const isSorted = sort.key === head.key;
  const order = sort.isDescending ? "descending" : "ascending";
  const turn = () =>
    onSort({ key: head.key, isDescending: isSorted ? !sort.isDescending : !head.isText });
  return html`<th
    role="columnheader"
    scope="col"
    class=${head.isText ? "" : "n"}
    aria-sort=${isSorted ? order : "none"}
  >
    <button type="button" onClick=${turn}>
      ${head.text}
      <svg viewBox="0 0 8 8" aria-hidden="true"><path d="M1 5.500 4 2.500 7 5.500" /></svg>
    </button>
  </th>`;
}

function Row({ line, zones, index }) {
  return html`<tr role="row" aria-rowindex=${index} data-testid="sku-row" data-gtin=${line.gtin}>
    <th role="rowheader" scope="row">
      <span class="name">${line.name || html`<i>No name</i>`}</span>
      <span class="gtin">${line.gtin}</span>
    </th>
    ${zones.map((zone) => {
      const value = line.zones[zone] ?? 0;
      return html`<td role="cell" class="n" key=${zone} data-label=${zoneText(zone)}>
        <${Count} value=${value} gtin=${line.gtin} zone=${zone} class=${value ? "" : "zero"} />
      </td>`;
    })}
    <td role="cell" class="n sum" data-label="Present">
      <${Count} value=${line.present} class=${line.present ? "" : "zero"} />
    </td>
    <td role="cell" class="n" data-label="Missing" data-kind=${line.missing ? "missing" : ""}>
      <${Count} value=${line.missing} fewIsGood class=${line.missing ? "" : "zero"} />
    </td>
    <td role="cell" class="n age"><${Age} at=${line.changed_at_us} /></td>
  </tr>`;
}

function Spacer({ px }) {
  const style = { height: `${px}px` };
  return html`<tr class="spacer" role="presentation" aria-hidden="true" style=${style}>
    <td></td>
  </tr>`;
}

// Which rows are in sight: { first, count, rowPx }.
function useWindow(body, total) {
  const [range, setRange] = useState({ first: 0, count: 40, rowPx: GUESS_PX });

  function look() {
    if (!body.current) return;
    const row = body.current.querySelector("tr[data-gtin]");
    const rowPx = row?.getBoundingClientRect().height || GUESS_PX;
    const above = -body.current.getBoundingClientRect().top;
    const seen = Math.ceil(innerHeight / rowPx);
    const top = Math.max(0, Math.min(Math.floor(above / rowPx), total - seen));
    const first = Math.max(0, top - SPARE) & ~1; // even: stripes stay where they are
    const next = { first, count: seen + 2 * SPARE, rowPx };
    setRange((now) => (Object.keys(next).every((key) => now[key] === next[key]) ? now : next));
  }

  useLayoutEffect(look, [total]);
  useEffect(() => {
    let frame = 0;
    const lookSoon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        look();
      });
    };
    addEventListener("scroll", lookSoon, { passive: true });
    addEventListener("resize", lookSoon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", lookSoon);
      removeEventListener("resize", lookSoon);
    };
  }, [total]);
  return range;
}
