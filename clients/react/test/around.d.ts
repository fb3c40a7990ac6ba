// What the snippets of the README suppose to be there.

declare const client: import('guestlist-client').Guestlist;
declare function Home(): import('react').ReactElement;
declare function Spinner(): import('react').ReactElement;
