// Which view an address shows; each may be kept as a bookmark or reloaded.
//
// /              all stores
// /stores/<id>   one store

import { useEffect, useState } from "/assets/preact.js";

const STORE = /^\/stores\/([a-z0-9][a-z0-9-]{0,39})\/?$/;

export function storePath(storeId) {
  return `/stores/${storeId}`;
}

function route() {
  const { pathname } = location;
  if (pathname === "/") return { view: "stores" };
  const store = STORE.exec(pathname);
  return store ? { view: "store", storeId: store[1] } : { view: "nothing", pathname };
}

function isOwnLink(event, link) {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey);
  return isPlain && link && link.origin === location.origin && !link.target && !link.download;
}

export function useRoute() {
  const [current, setCurrent] = useState(route);
  useEffect(() => {
    const show = () => setCurrent(route());
    const click = (event) => {
      const link = event.target.closest?.("a[href]");
      if (event.defaultPrevented || !isOwnLink(event, link) || link.dataset.plain) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      scrollTo(0, 0);
      show();
    };
    addEventListener("popstate", show);
    document.addEventListener("click", click);
    return () => {
      removeEventListener("popstate", show);
      document.removeEventListener("click", click);
    };
  }, []);
  return current;
}
