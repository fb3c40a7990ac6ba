/**
 * Values that all tabs read as they were written last. What one tab puts into local storage, others may read
 * some time later, even within a lock; transactions of IndexedDB are ordered among all of them.
 *
 * Where there is no IndexedDB, as in some private windows, nothing is found and nothing is kept.
 */

const STORE = 'values';

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @param {string} key @returns {Promise<any>} */
export async function read(key) {
  try {
    const transaction = (await database()).transaction(STORE);
    return await result(transaction.objectStore(STORE).get(key));
  } catch {
    return undefined;
  }
}

/** Ends when every tab reads it. @param {string} key @param {unknown} value */
export async function write(key, value) {
  try {
    const transaction = (await database()).transaction(STORE, 'readwrite');
    transaction.objectStore(STORE).put(value, key);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    // Local storage has to do.
  }
}

function database() {
  opened ??= open();
  return opened;
}

async function open() {
  const opening = indexedDB.open('guestlist', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await result(opening);
  // Somebody has cleared what is stored.
  database.onclose = () => (opened = undefined);
  database.onversionchange = () => {
    database.close();
    opened = undefined;
  };
  return database;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
