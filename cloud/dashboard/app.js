// The page: which view is shown, and nothing else.

import { Empty } from "/assets/parts.js";
import { html, render } from "/assets/preact.js";
import { useRoute } from "/assets/routes.js";
import { StoreView } from "/assets/views/store.js";
import { StoresView } from "/assets/views/stores.js";

function App() {
  const { view, storeId, pathname } = useRoute();
  if (view === "stores") return html`<${StoresView} />`;
  if (view === "store") return html`<${StoreView} key=${storeId} storeId=${storeId} />`;
  return html`<${Empty} title="There is nothing here">
    <p><code>${pathname}</code> is no page. <a href="/">Show all stores</a></p>
  <//>`;
}

render(html`<${App} />`, document.getElementById("app"));
