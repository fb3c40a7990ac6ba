export { type Claims, createVerifier, type Given, type Settings, type Verify } from './verify.js';
export { TokenError, type TokenErrorCode } from './error.js';
