/** The types of `guestlist-client.js`, which is made of `clients/typescript`. */

export * from '../../../clients/typescript/src/index.js';
