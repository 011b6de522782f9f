// For the pages of an invitation to sign in. It takes the answer of the sign-in
// out of the address bar and the history: the program has used it by the time
// that this page is shown.
'use strict';

if (location.search) history.replaceState(null, '', location.pathname);

document.addEventListener('DOMContentLoaded', () => {
  // Times as they are here, and as they are written here.
  for (const place of document.querySelectorAll('time')) {
    const at = new Date(place.dateTime);
    if (!Number.isNaN(at.getTime())) {
      place.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'short' });
    }
  }
  // A screen reader begins with what the page has to say.
  document.querySelector('h1').focus();
});
