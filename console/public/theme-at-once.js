// Runs before anything is drawn, so that nobody who has chosen a theme sees the other one for a moment. It is no module,
// since those wait for the page. What it reads, `theme.js` writes.
(() => {
  try {
    const theme = localStorage.getItem('guestlist:theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Where nothing is kept, nothing was chosen.
  }
})();
