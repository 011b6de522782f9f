// Takes the answer of the sign-in out of the address bar and the history. The
// program has used it by the time that this page is shown.
'use strict';

history.replaceState(null, '', '/');

document.addEventListener('DOMContentLoaded', () => {
  // A screen reader begins with the outcome.
  document.querySelector('h1').focus();
});
