// Looks at the page as a person who reads, or who uses a keyboard or a screen
// reader, would complain about it. It is evaluated in the page by a test, and
// returns the complaints.
(() => {
  const complaints = [];
  const visible = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && e.getClientRects().length > 0;
  const all = (selector) => Array.from(document.querySelectorAll(selector)).filter(visible);
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' "' + (e.textContent || e.value || '').trim().slice(0, 40) + '"';

  if (!document.documentElement.lang) complaints.push('the page has no lang');
  if (!document.title.trim()) complaints.push('the page has no title');
  if (all('h1').length !== 1) complaints.push('the page shows ' + all('h1').length + ' headings of the first rank');
  if (all('main, [role=main]').length !== 1) complaints.push('the page has ' + all('main, [role=main]').length + ' main landmarks');

  for (const field of all('input:not([type=hidden]), button, select, textarea, a[href]')) {
    const labels = Array.from(field.labels || []).map((l) => l.textContent).join('');
    const words = field.getAttribute('aria-label') || labels || field.textContent;
    if (!words.trim()) complaints.push(name(field) + ' has no name');
    if (field.tabIndex < 0) complaints.push(name(field) + ' cannot be reached by Tab');
    const text = document.createRange();
    text.selectNodeContents(field);
    if (field.tagName === 'BUTTON' && !/\s/.test(words.trim()) && text.getClientRects().length > 1) complaints.push(name(field) + ' is broken within a word');
    const box = field.getBoundingClientRect();
    if (box.height < 24 || box.width < 24) complaints.push(name(field) + ' is too small to be hit: ' + box.width + 'x' + box.height);
  }

  // Nothing is cut off to the side.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) complaints.push('the page is ' + document.documentElement.scrollWidth + ' wide on ' + width);
  for (const e of all('body *')) {
    const box = e.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) complaints.push(name(e) + ' reaches out of the window');
    if (e.tagName !== 'INPUT' && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1) complaints.push(name(e) + ' is cut off');
  }

  // Contrast by WCAG 2.2, 1.4.3: 4.5 for text, as large text needs less.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !visible(e)) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) complaints.push(name(e) + ' has a contrast of ' + contrast.toFixed(2));
  }

  // All that the page has loaded.
  for (const entry of performance.getEntriesByType('resource')) {
    if (new URL(entry.name).origin !== location.origin) complaints.push('the page loads ' + entry.name);
  }
  return complaints;
})();
