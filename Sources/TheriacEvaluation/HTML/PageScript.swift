/// The page's script. Everything works without it; it keeps blurred texts from screen readers and opens what
/// is folded before printing.
enum PageScript {
    static let source = Markup(
        trusted: """
            (function () {
              var all = document.getElementById('reveal-all');
              var cards = Array.prototype.slice.call(document.querySelectorAll('.card'));
              function update() {
                cards.forEach(function (card) {
                  var shown = all.checked || card.querySelector('input').checked;
                  card.querySelectorAll('.veiled').forEach(function (text) {
                    text.setAttribute('aria-hidden', String(!shown));
                  });
                });
              }
              if (all) {
                document.getElementById('samples').addEventListener('change', update);
                update();
              }
              window.addEventListener('beforeprint', function () {
                document.querySelectorAll('details.measures').forEach(function (fold) { fold.open = true; });
              });
            })();
            """)
}
