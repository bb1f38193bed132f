/// The page's script. It scores while one types, fetches figures anew, and sends reviews without leaving the page. It
/// speaks to this server only, and puts texts on the page as texts, never as markup.
enum OperatorScript {
    static let source = """
        'use strict';
        (function () {
          function byId(id) { return document.getElementById(id); }
          function make(name, text, className) {
            var node = document.createElement(name);
            if (text !== undefined) { node.textContent = text; }
            if (className) { node.className = className; }
            return node;
          }
          function words(name) {
            var text = name.toLowerCase().replace(/_/g, ' ');
            return text.charAt(0).toUpperCase() + text.slice(1);
          }

          // Scoring
          var form = byId('score-form');
          if (form) { (function () {
            var text = byId('score-text'), choice = byId('score-attribute'), status = byId('score-status');
            var sentences = byId('score-sentences'), table = byId('score-table');
            var attributes = form.dataset.attributes.split(' ').filter(Boolean);
            var waiting = null, running = null, last = null;

            function level(score) { return score < 0.2 ? 0 : score < 0.4 ? 1 : score < 0.6 ? 2 : score < 0.8 ? 3 : 4; }

            function colour() {
              if (!last) { return; }
              var scored = last.answer.attributeScores[choice.value];
              sentences.replaceChildren();
              sentences.hidden = !scored;
              if (!scored) { return; }
              scored.spanScores.forEach(function (span) {
                var value = span.score.value;
                var mark = make('mark', last.text.slice(span.begin, span.end).replace(/\\s+$/, ''), 'level-' + level(value));
                var number = make('span', value.toFixed(2), 'value');
                number.prepend(make('span', words(choice.value) + ' ', 'hidden'));
                mark.append(number);
                sentences.append(mark, ' ');
              });
            }

            function show(answer, asked) {
              last = { answer: answer, text: asked };
              var body = table.tBodies[0];
              body.replaceChildren();
              var names = attributes.filter(function (name) { return answer.attributeScores[name]; });
              names.forEach(function (name) {
                var value = answer.attributeScores[name].summaryScore.value;
                var row = body.insertRow();
                var head = make('th', words(name));
                head.scope = 'row';
                row.append(head);
                var space = 'http://www.w3.org/2000/svg';
                var bar = document.createElementNS(space, 'svg'), fill = document.createElementNS(space, 'rect');
                bar.setAttribute('class', 'meter');
                bar.setAttribute('aria-hidden', 'true');
                fill.setAttribute('class', value >= 0.5 ? 'failed' : 'answered');
                fill.setAttribute('width', (100 * value) + '%');
                fill.setAttribute('height', '100%');
                bar.append(fill);
                row.insertCell().append(bar);
                row.insertCell().textContent = value.toFixed(2);
              });
              table.hidden = names.length === 0;
              var highest = names.slice().sort(function (a, b) {
                return answer.attributeScores[b].summaryScore.value - answer.attributeScores[a].summaryScore.value;
              })[0];
              status.textContent = highest
                ? words(highest) + ' is highest: ' + answer.attributeScores[highest].summaryScore.value.toFixed(2) + '.'
                : 'No detector here scores this text.';
              colour();
            }

            function clear(message) {
              last = null;
              sentences.hidden = table.hidden = true;
              status.textContent = message;
            }

            function score() {
              clearTimeout(waiting);
              if (running) { running.abort(); }
              var asked = text.value;
              if (!asked.trim()) { return clear('Scores appear here while you type.'); }
              running = new AbortController();
              var wanted = {};
              attributes.forEach(function (name) { wanted[name] = {}; });
              var body = { comment: { text: asked }, requestedAttributes: wanted, spanAnnotations: true, doNotStore: true };
              if (form.dataset.language) { body.languages = [form.dataset.language]; }
              fetch('/operator/score', {
                method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
                signal: running.signal, credentials: 'same-origin'
              }).then(function (response) {
                return response.json().then(function (answer) {
                  if (response.ok) { show(answer, asked); } else { clear(answer.error.message); }
                });
              }).catch(function (error) {
                if (error.name !== 'AbortError') { clear('The server did not answer.'); }
              });
            }

            form.addEventListener('submit', function (event) { event.preventDefault(); score(); });
            text.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(score, 350); });
            choice.addEventListener('change', colour);
          })(); }

          // Figures, fetched anew. Where the visitor is at work nothing changes under the hands.
          function busy(part) {
            return part.contains(document.activeElement) && document.activeElement !== part
              || part.dataset.live === 'review' && part.querySelector('details[open]');
          }
          function take(page, even) {
            document.querySelectorAll('[data-live]').forEach(function (part) {
              var fresh = page.querySelector('[data-live="' + part.dataset.live + '"]');
              if (!fresh || busy(part) && part.dataset.live !== even) { return; }
              var open = Array.from(part.querySelectorAll('details[open]')).map(function (fold) { return fold.id; });
              part.replaceChildren.apply(part, Array.from(document.importNode(fresh, true).childNodes));
              open.forEach(function (id) { if (byId(id)) { byId(id).open = true; } });
            });
            var menu = page.querySelector('.top nav');
            if (menu && !document.querySelector('.top nav').contains(document.activeElement)) {
              document.querySelector('.top nav').replaceChildren.apply(
                document.querySelector('.top nav'), Array.from(document.importNode(menu, true).childNodes));
            }
          }
          function parse(response) {
            if (!response.ok) { throw new Error('status ' + response.status); }
            return response.text().then(function (html) { return new DOMParser().parseFromString(html, 'text/html'); });
          }
          var refresh = byId('refresh');
          if (refresh) {
            refresh.closest('label').hidden = false;
            setInterval(function () {
              if (!refresh.checked || document.hidden) { return; }
              fetch(location.pathname + location.search, { credentials: 'same-origin' }).then(parse).then(function (page) {
                take(page);
              }).catch(function () {});
            }, 15000);
          }

          // Reviews
          document.addEventListener('submit', function (event) {
            var sent = event.target;
            if (!sent.matches('.decide') || !event.submitter) { return; }
            event.preventDefault();
            var body = new URLSearchParams(new FormData(sent));
            body.set('status', event.submitter.value);
            var done = event.submitter.value === 'accepted' ? 'Accepted' : 'Rejected';
            fetch(sent.action, { method: 'POST', body: body, credentials: 'same-origin' }).then(parse).then(function (page) {
              take(page, 'review');
              var left = document.querySelectorAll('.item').length;
              byId('review-status').textContent = done + '. ' + (left ? left + ' listed still wait.' : 'Nothing waits.');
              var next = document.querySelector('.item button');
              if (next) { next.focus(); } else { byId('review').focus(); }
            }).catch(function () {
              byId('review-status').textContent = 'The decision could not be stored. Load the page again.';
            });
          });
        })();
        """
}
