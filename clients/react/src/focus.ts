'use client';
// Where the focus goes when what had it is gone: to the field that is asked for next, or to the heading.

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/** A server lays nothing out, and React 18 warns of it there. */
const useBrowserEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** Whether a step has gone with the focus in it, and the next one is not there yet. */
let isLost = false;

const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

/** Has a step take over the focus from the one before, and keep it when what has it goes. */
export function useFocusKept<Step extends HTMLElement>(): RefObject<Step | null> {
  const step = useRef<Step>(null);
  useBrowserEffect(() => {
    const { current } = step;
    if (!current) return;
    if (isLost && isNowhere()) beginning(current)?.focus();
    isLost = false;
    const release = keep(current);
    return () => {
      release();
      // Effects are undone while the elements are still there.
      if (current.contains(document.activeElement)) isLost = true;
    };
  }, []);
  return step;
}

/** Watches what has the focus in a step; returns what ends that. */
function keep(step: HTMLElement): () => void {
  let held: EventTarget | null = null;
  const hold = ({ target }: FocusEvent) => {
    held = target;
  };
  const observer = new MutationObserver((records) => {
    if (!(held instanceof Node) || held.isConnected || !isNowhere()) return;
    held = null;
    const added = records.flatMap(({ addedNodes }) => [...addedNodes]);
    (fieldIn(added) ?? beginning(step))?.focus();
  });
  step.addEventListener('focusin', hold);
  observer.observe(step, { childList: true, subtree: true });
  return () => {
    step.removeEventListener('focusin', hold);
    observer.disconnect();
  };
}

/** Its heading, or what there is to do where it has none. */
const beginning = (step: HTMLElement) => step.querySelector<HTMLElement>('h2') ?? step.querySelector('button');

/** The first field that is still to be filled in. */
function fieldIn(nodes: Node[]): HTMLInputElement | undefined {
  const elements = nodes.filter((node) => node instanceof HTMLElement);
  const fields = elements.flatMap((element) => [...element.querySelectorAll<HTMLInputElement>('.guestlist-input')]);
  return fields.find(({ value }) => value === '') ?? fields[0];
}
