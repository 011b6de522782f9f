// Hands the answer of a sign-in over to the program that waits on this
// computer. It holds no words: those are in callback.html, and in the words
// files for other languages.
'use strict';

(() => {
  // The answer leaves the address bar, and with it the history, before
  // anything else happens: this script stands in the page's head.
  const fragment = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);

  // How long a code is good for at Entra, in milliseconds.
  const codeLife = 10 * 60 * 1000;
  // How long the words of one language may be on their way, in milliseconds.
  const patience = 3000;
  const fields = ['code', 'state', 'error', 'error_description'];

  // answerOf returns the answer's parts, or null where there is none: neither
  // code nor error, or a part that is there twice.
  function answerOf(text) {
    const all = new URLSearchParams(text);
    const answer = {};
    for (const name of fields) {
      const values = all.getAll(name);
      if (values.length > 1) return null;
      answer[name] = values[0] || '';
    }
    if (!answer.code === !answer.error) return null;
    return answer;
  }

  // portOf returns the port that the program has put behind its attempt id, or
  // 0. System ports are refused.
  function portOf(state) {
    const found = /^[A-Za-z0-9_-]{22,128}\.([1-9][0-9]{3,4})$/.exec(state);
    const port = found ? Number(found[1]) : 0;
    return port >= 1024 && port <= 65535 ? port : 0;
  }

  // handOver opens the program's listener in a new tab, so that this page
  // stays, with its code to copy. The host is fixed; nothing but the four
  // parts goes along.
  function handOver(answer, port) {
    const parts = new URLSearchParams();
    for (const name of fields) {
      if (answer[name]) parts.set(name, answer[name]);
    }
    const link = document.createElement('a');
    link.href = 'http://localhost:' + port + '/?' + parts.toString();
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    link.click();
  }

  // languages returns the names of the words files to try, in the order of the
  // browser's languages: the exact one, then that without its region. It ends
  // at English, which the page is written in.
  function languages() {
    const names = [];
    for (const tag of navigator.languages || [navigator.language]) {
      const name = tag.toLowerCase();
      if (!/^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/.test(name)) continue;
      const base = name.split('-')[0];
      if (base === 'en') break;
      for (const n of [name, base]) {
        if (!names.includes(n)) names.push(n);
      }
    }
    return names.slice(0, 8);
  }

  // load returns the words of one language, or null where the CRM's web server
  // has none. A file that says something else is none.
  function load(name) {
    return new Promise((resolve) => {
      const script = document.createElement('script');
      const timer = setTimeout(() => resolve(null), patience);
      const end = (found) => {
        clearTimeout(timer);
        resolve(found);
      };
      globalThis.words = undefined;
      script.onerror = () => end(null);
      script.onload = () => {
        const found = globalThis.words;
        end(found && typeof found.lang === 'string' && found.words ? found : null);
      };
      script.src = 'words.' + name + '.js';
      document.head.append(script);
    });
  }

  async function findWords() {
    for (const name of languages()) {
      const found = await load(name);
      if (found) return found;
    }
    return null;
  }

  // translate puts a language's words in the place of the English ones. What
  // it lacks stays, and says that it is English.
  function translate(found) {
    document.documentElement.lang = found.lang;
    document.documentElement.dir = found.dir === 'rtl' ? 'rtl' : 'ltr';
    for (const place of document.querySelectorAll('[data-words]')) {
      const text = found.words[place.dataset.words];
      if (typeof text === 'string') place.textContent = text;
      else place.lang = 'en';
    }
    for (const place of document.querySelectorAll('[data-words-label]')) {
      const text = found.words[place.dataset.wordsLabel];
      if (typeof text === 'string') place.setAttribute('aria-label', text);
    }
  }

  // expire takes a code off the page when its time is over. Timers stand still
  // while a computer sleeps, so the clock is asked again when the person is
  // back.
  function expire(answer) {
    const end = Date.now() + codeLife;
    const check = () => {
      if (answer.code === '' || Date.now() < end) return;
      for (const section of document.querySelectorAll('[data-view]')) fill(section, 'code', '');
      answer.code = '';
      show('expired');
    };
    setTimeout(check, codeLife);
    document.addEventListener('visibilitychange', check);
  }

  async function copy(section, code) {
    const field = section.querySelector('[data-field="code"]');
    try {
      await navigator.clipboard.writeText(code);
      say(section, 'copied', 'select');
    } catch {
      // No permission, or a page without https: the person copies.
      field.focus();
      field.select();
      say(section, 'select', 'copied');
    }
  }

  // say shows one remark and hides another.
  function say(section, what, instead) {
    for (const other of section.querySelectorAll('[data-said="' + instead + '"]')) other.hidden = true;
    for (const remark of section.querySelectorAll('[data-said="' + what + '"]')) remark.hidden = false;
  }

  function fill(section, name, text) {
    for (const place of section.querySelectorAll('[data-field="' + name + '"]')) {
      if (place instanceof HTMLInputElement) place.value = text;
      else place.textContent = text;
      const row = place.closest('[data-row]');
      if (row) row.hidden = text === '';
    }
  }

  // explain fills in what went wrong.
  function explain(section, answer) {
    const said = answer.error_description;
    const code = (/^\s*((?:AADSTS|AADB2C|MSIS)\d{2,9})\b/.exec(said) || ['', ''])[1];
    const correlation = (/Correlation ID:\s*([0-9A-Za-z-]{8,64})/.exec(said) || ['', ''])[1];
    const time = (/Timestamp:\s*([0-9T:Z .-]{10,40})/.exec(said) || ['', ''])[1].trim();
    const words = said.replace(/^\s*(?:AADSTS|AADB2C|MSIS)\d+:?\s*/, '')
      .replace(/\s*(?:Trace ID|Correlation ID|Timestamp):[\s\S]*$/, '').trim().slice(0, 600);
    fill(section, 'error', code ? code + ' (' + answer.error + ')' : answer.error.slice(0, 100));
    fill(section, 'correlation', correlation);
    fill(section, 'time', time);
    fill(section, 'description', words);
    const reasons = Array.from(section.querySelectorAll('[data-why]'));
    const named = (name) => reasons.find((r) => r.dataset.why.split(' ').includes(name));
    const right = (code && named(code)) || named(answer.error) || named('*');
    for (const reason of reasons) reason.hidden = reason !== right;
  }

  function show(name) {
    let shown = null;
    for (const section of document.querySelectorAll('[data-view]')) {
      section.hidden = section.dataset.view !== name;
      if (!section.hidden) shown = section;
    }
    for (const part of document.querySelectorAll('[data-with]')) {
      part.hidden = !part.dataset.with.split(' ').includes(name);
    }
    const title = shown.querySelector('h1');
    document.title = title.textContent;
    // A screen reader begins with what the page has to say.
    title.focus();
    return shown;
  }

  async function run() {
    const found = await search;
    if (found) translate(found);
    if (window.top !== window.self) {
      show('framed');
      return;
    }
    const answer = answerOf(fragment);
    if (!answer) {
      show('empty');
      return;
    }
    const port = portOf(answer.state);
    const section = show(answer.error ? 'refused' : port ? 'ready' : 'paste');
    if (answer.error) explain(section, answer);
    else {
      fill(section, 'code', answer.code);
      expire(answer);
    }
    for (const part of section.querySelectorAll('[data-needs="port"]')) part.hidden = !port;
    for (const button of section.querySelectorAll('[data-action]')) {
      button.addEventListener('click', () => {
        if (button.dataset.action === 'copy') {
          copy(section, answer.code);
          return;
        }
        handOver(answer, port);
        say(section, 'continue', 'unclicked');
      });
    }
  }

  // The words are looked for while the page loads. Nothing is shown before they
  // are found, so that no page is in two languages one after the other.
  const search = findWords();
  document.addEventListener('DOMContentLoaded', run);
  // The same page, opened with another answer, begins anew.
  window.addEventListener('hashchange', () => location.reload());
})();
