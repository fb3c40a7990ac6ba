// Values that all tabs of an origin read as they were written last: transactions of IndexedDB are ordered
// among them. Where there is none, as in some private windows, nothing is found and nothing is kept.

const DATABASE = 'guestlist-client';
const STORE = 'values';

/** What was written last under the key; `undefined` if nothing was. */
export async function lastWritten<Value>(key: string): Promise<Value | undefined> {
  return await inStore('readonly', (store) => store.get(key)).catch(() => undefined);
}

/** Done when every tab reads it, or there is no IndexedDB. */
export async function write(key: string, value: unknown): Promise<void> {
  await inStore('readwrite', (store) => store.put(value, key)).catch(() => undefined);
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await opened();
  try {
    const transaction = database.transaction(STORE, mode);
    const request = work(transaction.objectStore(STORE));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    // Open for a moment only, so that nobody who clears what is stored has to wait for this tab.
    database.close();
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error('an older version is open'));
  });
}
