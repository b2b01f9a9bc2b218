(function () {
  "use strict";
  var byId = function (id) { return document.getElementById(id); };
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };
  var rules = all("details.rule");
  var search = byId("search"), platform = byId("platform"), outcome = byId("outcome"), severity = byId("severity"), count = byId("count"), nothing = byId("nothing");
  document.querySelector("form.filters").hidden = false;

  function fits(rule, words) {
    var d = rule.dataset;
    if (!words.every(function (w) { return d.search.indexOf(w) >= 0; })) { return false; }
    if (severity.value && d.severity !== severity.value) { return false; }
    if (platform.value) {
      var targets = d.targets.split(" ");
      return targets.some(function (t) {
        var part = t.split(":");
        if (part[0] !== platform.value) { return false; }
        var proof = ["agrees", "disagrees", "failed"].indexOf(outcome.value) >= 0;
        return !outcome.value || (proof ? d.outcomes.split(" ").indexOf(outcome.value) >= 0 : part[1] === outcome.value);
      });
    }
    return !outcome.value || d.outcomes.split(" ").indexOf(outcome.value) >= 0;
  }

  function filter() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    rules.forEach(function (rule) {
      var ok = fits(rule, words);
      rule.hidden = !ok;
      if (ok) { shown++; }
      all(".card", rule).forEach(function (card) { card.hidden = Boolean(platform.value) && card.dataset.platform !== platform.value; });
    });
    count.textContent = shown === rules.length ? shown + (shown === 1 ? " rule" : " rules") : shown + " of " + rules.length + " rules";
    nothing.hidden = shown > 0;
    all(".tech").forEach(function (t) { t.setAttribute("aria-pressed", String(words.indexOf(t.dataset.technique.toLowerCase()) >= 0)); });
  }

  search.addEventListener("input", filter);
  [platform, outcome, severity].forEach(function (s) { s.addEventListener("change", filter); });
  document.querySelector("form.filters").addEventListener("submit", function (e) { e.preventDefault(); });
  all(".tech").forEach(function (t) {
    t.addEventListener("click", function () {
      var id = t.dataset.technique.toLowerCase();
      search.value = search.value.toLowerCase() === id ? "" : t.dataset.technique;
      filter();
    });
  });

  var expand = byId("expand");
  expand.addEventListener("click", function () {
    var open = expand.getAttribute("aria-pressed") !== "true";
    expand.setAttribute("aria-pressed", String(open));
    expand.textContent = open ? "Close all" : "Open all";
    rules.forEach(function (r) { if (!r.hidden) { r.open = open; } });
  });

  function follow() {
    var id = decodeURIComponent(location.hash.slice(1)), at = id && byId(id);
    if (!at) { return; }
    var rule = at.closest("details.rule");
    if (rule) { rule.open = true; at.scrollIntoView(); }
  }
  window.addEventListener("hashchange", follow);
  follow();

  all(".copy").forEach(function (b) {
    if (!navigator.clipboard) { return; }
    b.hidden = false;
    b.addEventListener("click", function () {
      navigator.clipboard.writeText(b.parentNode.querySelector("code").textContent).then(function () {
        b.textContent = "Copied";
        setTimeout(function () { b.textContent = "Copy"; }, 1500);
      });
    });
  });

  var theme = byId("theme"), themes = ["automatic", "light", "dark"], now = 0;
  function paint() {
    theme.textContent = "Theme: " + themes[now];
    if (now) { document.documentElement.dataset.theme = themes[now]; } else { delete document.documentElement.dataset.theme; }
  }
  try { now = Math.max(0, themes.indexOf(localStorage.getItem("onerule-theme"))); } catch (e) { /* storage is off */ }
  theme.hidden = false;
  theme.addEventListener("click", function () {
    now = (now + 1) % themes.length;
    try { localStorage.setItem("onerule-theme", themes[now]); } catch (e) { /* storage is off */ }
    paint();
  });
  paint();
  filter();
})();
