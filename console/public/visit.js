/** Which other account the operator looks into: the address of a user's page does not say so, and the navigation has to know. */

import { useLayoutEffect, useState } from './vendor/preact.js';

/** The ID of that account; empty in one's own, and nothing while it is not known. @typedef {string | undefined} Visited */

/** @type {Visited} */
let visited;
/** @type {Set<(id: Visited) => void>} */
const watching = new Set();

/** @param {Visited} id */
function tell(id) {
  visited = id;
  watching.forEach((follow) => follow(id));
}

/** Says so while the page is shown. @param {Visited} id */
export function useVisit(id) {
  useLayoutEffect(() => {
    tell(id);
    return () => tell(undefined);
  }, [id]);
}

/** What the page has said. */
export function useVisited() {
  const [id, setId] = useState(visited);
  useLayoutEffect(() => {
    watching.add(setId);
    // The page may have said so before.
    setId(visited);
    return () => {
      watching.delete(setId);
    };
  }, []);
  return id;
}
