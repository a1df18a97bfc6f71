// The one place that knows which vendored module the page is built on.
export {
  html,
  render,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "/assets/vendor/htm-3.1.1-preact-standalone/standalone.module.js";
