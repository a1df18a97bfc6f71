// From a stream to what is drawn: a model, and a component that draws when it has changed.

import { useEffect, useRef, useState } from "/assets/preact.js";
import { follow } from "/assets/stream.js";

// `make` gives { model, handlers } for the stream at `url`.  Many messages in one frame are drawn
// once.  Gives { model, link }; see stream.js for the link.
export function useLive(url, make) {
  const [, draw] = useState(0);
  const made = useRef();
  if (made.current?.url !== url) {
    made.current = { url, ...make(), link: { state: "connecting", sinceMs: performance.now() } };
  }
  useEffect(() => {
    const { handlers } = made.current;
    let frame = 0;
    const drawSoon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        draw((count) => count + 1);
      });
    };
    const drawing = Object.entries(handlers).map(([name, handle]) => [
      name,
      (message) => (handle(message), drawSoon()),
    ]);
    const stop = follow(url, Object.fromEntries(drawing), (link) => {
      made.current.link = link;
      drawSoon();
    });
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, [url]);
  return made.current;
}
