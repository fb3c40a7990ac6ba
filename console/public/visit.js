/** Which other account the operator looks into: the address of a user's page does not say so, and the navigation has to know. */

import { useLayoutEffect, useState } from './vendor/preact.js';

let visited = '';
/** @type {Set<(id: string) => void>} */
const watching = new Set();

/** @param {string} id */
function tell(id) {
  visited = id;
  watching.forEach((follow) => follow(id));
}

/** Says so while the page is shown. @param {string | undefined} id of the account; nothing in one's own */
export function useVisit(id = '') {
  useLayoutEffect(() => {
    tell(id);
    return () => tell('');
  }, [id]);
}

/** The ID of that account; empty in one's own. */
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
