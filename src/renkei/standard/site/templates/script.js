// The search and the cross-hair of the matrix. Pages are complete without this script.
(function () {
  "use strict";
  var body = document.body, top_ = body.dataset.top, base = body.dataset.base;
  var box = document.getElementById("search"), found = document.getElementById("found");
  var ja = document.documentElement.lang === "ja" ? 0 : 1;
  var SHOWN = 8, index = null, waiting = false;

  function fold(text) {
    return text.normalize("NFKC").toLowerCase().replace(/[\u30a1-\u30f6]/g, function (kana) {
      return String.fromCharCode(kana.charCodeAt(0) - 96);
    });
  }

  function load(then) {
    if (index) { then(); return; }
    if (waiting) { return; }
    waiting = true;
    var script = document.createElement("script");
    script.src = top_ + "assets/search.js";
    script.onload = function () { prepare(); then(); };
    document.head.appendChild(script);
  }

  function prepare() {
    index = [];
    Object.keys(window.renkeiIndex).forEach(function (kind) {
      window.renkeiIndex[kind].forEach(function (row) {
        index.push({
          kind: kind, row: row, names: [fold(row[1]), fold(row[2])], ids: fold(row[3]).split(" "),
          related: fold(row[4]).split("|"), text: fold(row[5])
        });
      });
    });
  }

  // How well one word meets one part: the whole of it, its beginning, or somewhere inside.
  function meets(parts, word, whole, begins, inside) {
    var best = 0;
    parts.forEach(function (part) {
      var at = part.indexOf(word);
      if (at < 0) { return; }
      best = Math.max(best, part === word ? whole : at === 0 ? begins : inside);
    });
    return best;
  }

  var BONUS_ALONE = { unit: 8, entity: 5, "interface": 4, "code-list": 3, item: 2, procedure: 2 };
  var BONUS_TOGETHER = { "interface": 20, cell: 12, unit: 4 };

  function score(entry, words) {
    var total = ((words.length > 1 ? BONUS_TOGETHER : BONUS_ALONE)[entry.kind]) || 0;
    for (var i = 0; i < words.length; i += 1) {
      var best = Math.max(
        meets(entry.names, words[i], 40, 24, 16), meets(entry.ids, words[i], 40, 10, 4),
        meets(entry.related, words[i], 13, 8, 6), entry.text.indexOf(words[i]) < 0 ? 0 : 3
      );
      if (!best) { return 0; }
      total += best;
    }
    return total;
  }

  function search(text) {
    var words = fold(text).split(/\s+/).filter(Boolean), groups = {};
    if (!words.length) { return null; }
    index.forEach(function (entry, order) {
      var points = score(entry, words);
      if (!points) { return; }
      var group = groups[entry.kind] = groups[entry.kind] || { kind: entry.kind, best: 0, all: [] };
      group.best = Math.max(group.best, points);
      group.all.push({ row: entry.row, points: points, order: order });
    });
    var list = Object.keys(groups).map(function (kind) { return groups[kind]; });
    list.forEach(function (group) {
      group.all.sort(function (a, b) { return b.points - a.points || a.order - b.order; });
    });
    return list.sort(function (a, b) { return b.best - a.best; });
  }

  function make(name, text, kind) {
    var made = document.createElement(name);
    if (text) { made.textContent = text; }
    if (kind) { made.className = kind; }
    return made;
  }

  // What a hit is about, besides its name: its id and the names related to it, cut to a line.
  function about(kind, row) {
    var names = row[4].split("|").filter(function (name, at) { return at % 2 === ja; });
    var comma = ja ? ", " : "、", text = names.join(comma);
    if (kind === "cell") { return ""; }
    if (kind === "interface") { text = names[0] + " → " + names.slice(1).join(comma); }
    return row[3] + " " + (text.length > 70 ? text.slice(0, 70) + "…" : text);
  }

  function line(kind, hit) {
    var row = hit.row, item = make("li"), link = make("a", row[1 + ja] || row[1]);
    link.href = base + row[0];
    item.appendChild(link);
    item.appendChild(make("small", about(kind, row)));
    return item;
  }

  function show() {
    var groups = search(box.value), words = window.renkeiWords;
    found.replaceChildren();
    found.hidden = groups === null;
    remember();
    if (groups === null) { return; }
    var count = groups.reduce(function (sum, group) { return sum + group.all.length; }, 0);
    var status = make("p", count ? words.count[ja].replace("{count}", count) : words.none[ja], "status");
    status.setAttribute("role", "status");
    found.appendChild(status);
    groups.forEach(function (group) {
      var part = make("section"), list = make("ul");
      part.appendChild(make("h2", window.renkeiKinds[group.kind][ja]));
      group.all.slice(0, SHOWN).forEach(function (hit) { list.appendChild(line(group.kind, hit)); });
      part.appendChild(list);
      var left = group.all.slice(SHOWN);
      if (left.length) {
        var more = make("button", words.more[ja].replace("{count}", left.length));
        more.type = "button";
        more.addEventListener("click", function () {
          var first = null;
          left.forEach(function (hit) {
            var item = list.appendChild(line(group.kind, hit));
            first = first || item;
          });
          more.remove();
          first.querySelector("a").focus();
        });
        part.appendChild(more);
      }
      found.appendChild(part);
    });
  }

  // The words stay in the address, so that Back returns to the results.
  function remember() {
    var hash = box.value ? "#q=" + encodeURIComponent(box.value) : "";
    if (!hash && location.hash.indexOf("#q=") !== 0) { return; }
    try { history.replaceState(null, "", hash || location.pathname + location.search); } catch (error) { /* some browsers refuse it for files */ }
  }

  function links() { return Array.prototype.slice.call(found.querySelectorAll("a, button")); }

  function move(step, event) {
    var all = links(), at = all.indexOf(document.activeElement);
    if (!all.length || (at < 0 && document.activeElement !== box)) { return; }
    event.preventDefault();
    (at + step < 0 ? box : all[Math.min(at + step, all.length - 1)]).focus();
  }

  if (box && found) {
    box.disabled = false;
    box.addEventListener("focus", function () { load(function () { if (box.value) { show(); } }); });
    box.addEventListener("input", function () { load(show); });
    box.form.addEventListener("submit", function (event) {
      event.preventDefault();
      var first = links()[0];
      if (first) { first.focus(); }
    });
    document.addEventListener("keydown", function (event) {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) { return; }
      var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
      if (event.key === "/" && !typing) { event.preventDefault(); box.focus(); box.select(); }
      if (event.key === "Escape" && !found.hidden) { box.value = ""; show(); box.focus(); }
      if (event.key === "ArrowDown") { move(1, event); }
      if (event.key === "ArrowUp") { move(-1, event); }
    });
    var ask = function () {
      if (location.hash.indexOf("#q=") !== 0) { return; }
      try { box.value = decodeURIComponent(location.hash.slice(3)); } catch (error) { return; }
      load(show);
    };
    window.addEventListener("hashchange", ask);
    ask();
  }

  document.querySelectorAll("table.matrix").forEach(function (table) {
    var heads = table.tHead.rows[0].cells, lit = null;
    function light(event) {
      var cell = event.target.closest("td, th");
      if (lit) { lit.classList.remove("lit"); }
      lit = cell && cell.parentNode.parentNode === table.tBodies[0] ? heads[cell.cellIndex] : null;
      if (lit) { lit.classList.add("lit"); }
    }
    table.addEventListener("mouseover", light);
    table.addEventListener("focusin", light);
  });
})();
