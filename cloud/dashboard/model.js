// What the page knows, built up from the server's messages.  No DOM in here.
//
// Each model is changed in place and counts its changes in `version`.

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export class Stores {
  version = 0;
  isKnown = false;
  isCut = false;
  lost = null; // { reason, as_of_us } while the server cannot reach its database
  all = new Map();

  replace({ stores, is_cut: isCut }) {
    this.all = new Map(stores.map((store) => [store.store, store]));
    this.isKnown = true;
    this.isCut = isCut;
    this.lost = null;
    this.version += 1;
  }

  change({ stores, gone }) {
    for (const store of stores) this.all.set(store.store, store);
    for (const id of gone) this.all.delete(id);
    this.version += 1;
  }

  lose({ reason, as_of_us: asOfUs }) {
    this.lost = { reason, asOfUs };
    this.version += 1;
  }

  sorted() {
    return [...this.all.values()].sort((a, b) => NAMES.compare(a.name, b.name));
  }
}

export class Stock {
  version = 0;
  isKnown = false;
  lost = null;
  lines = new Map();
  zones = []; // names, in the order of the columns

  replace({ lines }) {
    this.lines = new Map(lines.map((line) => [line.gtin, prepared(line)]));
    this.isKnown = true;
    this.lost = null;
    this.#arrange();
  }

  change({ lines }) {
    let isNew = false;
    for (const line of lines) {
      const before = this.lines.get(line.gtin);
      if (before && isNewer(before, line)) continue;
      isNew ||= !before || before.name !== line.name || hasNewZone(line, this.zones);
      this.lines.set(line.gtin, { ...prepared(line), rank: before?.rank });
    }
    if (isNew) this.#arrange();
    this.version += 1;
  }

  lose({ reason, as_of_us: asOfUs }) {
    this.lost = { reason, asOfUs };
    this.version += 1;
  }

  // Comparing names is slow: once for all, each line gets its place by name.
  #arrange() {
    const lines = [...this.lines.values()];
    lines.sort((a, b) => !a.name - !b.name || NAMES.compare(a.name, b.name) || byGtin(a, b));
    lines.forEach((line, rank) => (line.rank = rank));
    this.zones = [...new Set(lines.flatMap((line) => Object.keys(line.zones)))].sort(NAMES.compare);
    this.version += 1;
  }

  // A store as just heard of: its counts come more often than what it says of itself.
  heard(store) {
    const times = [...this.lines.values()].map((line) => line.changed_at_us);
    const newest = times.reduce((a, b) => Math.max(a, b), store.heard_at_us ?? 0);
    return newest ? { ...store, heard_at_us: newest } : store;
  }

  totals() {
    const zones = new Map(this.zones.map((zone) => [zone, 0]));
    const totals = { present: 0, missing: 0, skus: 0, zones };
    for (const line of this.lines.values()) {
      totals.present += line.present;
      totals.missing += line.missing;
      totals.skus += line.present > 0;
      for (const zone in line.zones) zones.set(zone, zones.get(zone) + line.zones[zone]);
    }
    return totals;
  }
}

function prepared(line) {
  return { ...line, text: `${line.name} ${line.gtin}`.toLocaleLowerCase() };
}

function isNewer(known, line) {
  return known.term > line.term || (known.term === line.term && known.ver > line.ver);
}

function hasNewZone(line, zones) {
  return Object.keys(line.zones).some((zone) => !zones.includes(zone));
}

function byGtin(a, b) {
  return a.gtin < b.gtin ? -1 : 1;
}

// What a table may be sorted by; a zone's column is "zone:<its name>".
function sortValue(key) {
  if (key.startsWith("zone:")) {
    const zone = key.slice("zone:".length);
    return (line) => line.zones[zone] ?? 0;
  }
  return {
    name: (line) => line.rank,
    present: (line) => line.present,
    missing: (line) => line.missing,
    changed: (line) => line.changed_at_us,
  }[key];
}

// Lines whose text holds every word of `query`, sorted; equal ones by name.
export function chosen(stock, { query, onlyMissing, sort }) {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const lines = [];
  for (const line of stock.lines.values()) {
    if (onlyMissing && !line.missing) continue;
    if (words.every((word) => line.text.includes(word))) lines.push(line);
  }
  const value = sortValue(sort.key) ?? sortValue("name");
  const sign = sort.isDescending ? -1 : 1;
  return lines.sort((a, b) => sign * (value(a) - value(b)) || a.rank - b.rank);
}

// The state of a store by now: the server said what it was when it was last heard of.
export function stateOf(store, nowMs) {
  if (store.heard_at_us === null) return "never";
  if (!store.online) return "offline";
  return nowMs - store.heard_at_us / 1000 > store.stale_after_us / 1000 ? "stale" : "online";
}
