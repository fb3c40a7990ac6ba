// What the tabs of an origin tell each other.

/** What has happened, and to whom. It contains no token: a tab that receives it gets its own. */
export interface News {
  kind: 'sign-in' | 'sign-out' | 'confirm';
  person: string | undefined;
  session: string;
}

/** Hears what other tabs tell about the service at the URL; the result tells them. */
export function tabs(url: string, hear: (news: News) => void): (news: News) => void {
  const name = `guestlist ${url}`;
  if (typeof BroadcastChannel === 'function') {
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => hear(data as News);
    // Node is not to go on only because it listens.
    (channel as { unref?(): void }).unref?.();
    return (news) => channel.postMessage(news);
  }
  addEventListener('storage', ({ key, newValue }) => {
    if (key === name && newValue !== null) hear(JSON.parse(newValue) as News);
  });
  return (news) => {
    localStorage.setItem(name, JSON.stringify(news));
    localStorage.removeItem(name);
  };
}
