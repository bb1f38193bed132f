/// The page's style: the palette and type of the reports, so that both read as one product. Light and dark follow the
/// visitor's system. Contrast of words to their ground is at least 4.5 to 1, of marks 3 to 1.
enum OperatorStyle {
    static let source = palette + type + layout + controls + charts + tables + review + narrow

    private static let palette = """
        :root{color-scheme:light dark;
        --paper:#fdfcfa;--raised:#f5f2ec;--ink:#1d1c1a;--muted:#5f5b54;--rule:#dfdad1;--grid:#e9e5dd;
        --edge:#8b857a;--link:#00558c;--on-link:#ffffff;--toxic:#b93a12;--good:#00694f;--bad:#a8320b;
        --answered:#3d7ea6;--refused:#8f877a;--limited:#c07d10;--failed:#b93a12;--band:#c9dce8;
        --heat-0:#f3ddd1;--heat-1:#e7b79f;--heat-2:#d68b69;--heat-3:#c05e36;--heat-4:#8f2f0e;
        --mark-1:#f8e7dc;--mark-2:#f3d0bc;--mark-3:#ebb297;--mark-4:#e39472}
        @media (prefers-color-scheme:dark){:root{
        --paper:#17181b;--raised:#202226;--ink:#ecebe8;--muted:#a9a7a1;--rule:#3a3c41;--grid:#2c2e33;
        --edge:#7d7f86;--link:#7cc0f5;--on-link:#10202d;--toxic:#ef7a50;--good:#56cfa5;--bad:#f59a78;
        --answered:#5b9cc6;--refused:#8d8a84;--limited:#d9a441;--failed:#ef7a50;--band:#2b4455;
        --heat-0:#33231d;--heat-1:#573223;--heat-2:#86452c;--heat-3:#bb5c36;--heat-4:#f3906a;
        --mark-1:#33251f;--mark-2:#4d2f24;--mark-3:#6d3b28;--mark-4:#8c452b}}

        """

    private static let type = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:4rem}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
        font-variant-numeric:tabular-nums lining-nums;overflow-wrap:break-word}
        h1{margin:0;max-width:26em;font-size:clamp(1.5rem,1.15rem + 1.6vw,2.125rem);line-height:1.2;font-weight:680;
        letter-spacing:-.016em;text-wrap:balance}
        h2{margin:0 0 .25rem;font-size:1.25rem;line-height:1.3;font-weight:660;letter-spacing:-.008em}
        h3{margin:0 0 .5rem;font-size:.9375rem;line-height:1.4;font-weight:620}
        .kicker{margin:0 0 .5rem;font-size:.875rem;color:var(--muted)}
        .note{font-size:.875rem;font-weight:400;color:var(--muted)}p.note{max-width:44em;margin:0 0 1rem}
        .empty{max-width:44em;margin:.5rem 0 0;padding:.875rem 1rem;background:var(--raised);border-radius:.375rem;
        font-size:.9375rem;color:var(--muted)}
        a{color:var(--link)}
        code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
        #review:focus{outline:none}
        .hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);
        white-space:nowrap}
        .skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--paper);z-index:2}
        .skip:focus{top:.5rem}
        [hidden]{display:none!important}

        """

    private static let layout = """
        .bar,main,.foot{max-width:72rem;margin:0 auto;padding-inline:1.5rem}
        .top{position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--rule)}
        .bar{display:flex;align-items:center;gap:.25rem 1.75rem;min-height:3.25rem}
        .mark{margin:0;font-weight:720;letter-spacing:-.01em}.mark a{color:inherit;text-decoration:none}
        nav ul{display:flex;margin:0;padding:0;list-style:none}
        .top nav{flex:1;min-width:0;overflow-x:auto}.top nav ul{gap:.125rem}
        .top nav a{display:block;padding:.5rem .625rem;font-size:.875rem;color:var(--muted);text-decoration:none;
        white-space:nowrap;border-radius:.25rem}
        .top nav a:hover{color:var(--ink);background:var(--raised)}
        .badge{display:inline-block;min-width:1.25rem;padding:0 .3rem;border-radius:.625rem;background:var(--link);
        color:var(--on-link);font-size:.75rem;line-height:1.25rem;text-align:center;font-weight:600}
        .tools{display:flex;align-items:center;gap:.75rem;font-size:.875rem;color:var(--muted)}
        .live{display:inline-flex;align-items:center;gap:.4rem;min-height:2.75rem;white-space:nowrap}
        .live input{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--link)}
        .headline{padding-top:2.5rem}
        .state{font-weight:600}.state::before{content:"";display:inline-block;width:.55rem;height:.55rem;
        margin-right:.4rem;border-radius:50%;background:currentColor}
        .state.good{color:var(--good)}.state.bad{color:var(--bad)}.state::after{content:"."}
        section{margin-top:3.25rem}
        .section-head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.25rem 1.5rem;
        margin-bottom:.75rem}
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:2rem 3rem}
        .columns>*{min-width:0}#thresholds .columns{margin-top:1rem}
        .foot{margin-top:4rem;padding-block:1.25rem 3rem;border-top:1px solid var(--rule);font-size:.8125rem;
        color:var(--muted)}
        .narrow{max-width:28rem;padding-top:12vh}.narrow h1{margin:.25rem 0 1.5rem}

        """

    private static let controls = """
        label{font-size:.875rem;font-weight:560}
        textarea,select,input[type=password]{width:100%;font:inherit;color:inherit;background:var(--paper);
        border:1px solid var(--edge);border-radius:.375rem;padding:.625rem .75rem}
        textarea{display:block;margin-top:.25rem;resize:vertical;min-height:8rem}
        textarea::placeholder{color:var(--muted);opacity:1}
        .row{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;margin-top:.75rem}
        .row select{flex:1 1 9rem;width:auto;min-width:0;min-height:2.75rem;padding-block:.25rem}
        button{min-height:2.75rem;padding:.25rem 1.125rem;font:inherit;font-size:.9375rem;font-weight:600;
        color:var(--on-link);background:var(--link);border:1px solid var(--link);border-radius:.375rem;cursor:pointer}
        button:hover{filter:brightness(1.08)}
        button.rejected,button.quiet{color:var(--ink);background:transparent;border-color:var(--edge)}
        button.quiet{min-height:2.25rem;padding-inline:.75rem;font-size:.8125rem;font-weight:500}
        .sign-in{display:grid;gap:.5rem}.sign-in button{margin-top:.5rem}.refusal{margin:0;color:var(--bad)}
        .sentences{margin:0 0 1rem;padding:.75rem 1rem;background:var(--raised);border-radius:.375rem;white-space:pre-wrap}
        mark{color:inherit;background:transparent;padding:.1rem 0;border-radius:.2rem;
        -webkit-box-decoration-break:clone;box-decoration-break:clone}
        mark.level-1{background:var(--mark-1)}mark.level-2{background:var(--mark-2)}
        mark.level-3{background:var(--mark-3)}mark.level-4{background:var(--mark-4)}
        mark .value{margin-left:.25rem;padding:0 .2rem;font-size:.75rem;font-weight:620;vertical-align:.1em}
        .ranges ul{gap:.25rem}
        .ranges a{display:block;padding:.375rem .625rem;font-size:.8125rem;text-decoration:none;border-radius:.25rem}
        .ranges a[aria-current]{background:var(--raised);color:var(--ink);font-weight:620}

        """

    private static let charts = """
        figure{margin:0;min-width:0}
        figcaption{font-size:.9375rem;font-weight:620}.panel figcaption .note{display:block;font-size:.8125rem}
        svg{display:block;overflow:visible}
        .chart{width:100%;height:156px;margin-top:.5rem}
        svg text{font-size:.75rem;fill:var(--muted)}
        .tick{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
        .end{text-anchor:end}.middle{text-anchor:middle}
        .grid{stroke:var(--grid)}.base{stroke:var(--edge)}
        .answered{fill:var(--answered)}.refused{fill:var(--refused)}.limited{fill:var(--limited)}
        .failed{fill:var(--failed)}
        .band{fill:var(--band)}
        path.line{fill:none;stroke:var(--answered);stroke-width:2px;vector-effect:non-scaling-stroke;
        stroke-linejoin:round}
        path.thin{stroke-width:1px;stroke-opacity:.7}
        .key{display:flex;flex-wrap:wrap;gap:.125rem 1.125rem;margin:.5rem 0 0;padding:0;list-style:none;
        font-size:.8125rem;color:var(--muted)}
        .swatch{display:inline-block;width:.75rem;height:.75rem;margin-right:.4rem;border-radius:.125rem}
        .swatch.answered,.swatch.line{background:var(--answered)}.swatch.refused{background:var(--refused)}
        .swatch.limited{background:var(--limited)}.swatch.failed{background:var(--failed)}
        .swatch.band{background:var(--band)}.swatch.line{height:.1875rem;vertical-align:.2rem;width:1rem}
        .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,15.5rem),1fr));gap:1.5rem 2rem}
        .heat{width:100%;height:84px;margin-top:.375rem;background:var(--raised)}
        .heat-0{fill:var(--heat-0)}.heat-1{fill:var(--heat-1)}.heat-2{fill:var(--heat-2)}
        .heat-3{fill:var(--heat-3)}.heat-4{fill:var(--heat-4)}
        .half{stroke:var(--edge);stroke-dasharray:2 3}
        .meter{display:inline-block;width:6rem;height:.625rem;background:var(--grid);border-radius:2px;
        vertical-align:middle}

        """

    private static let tables = """
        .scroll{overflow-x:auto;max-width:100%;margin-top:1rem}
        table{border-collapse:collapse;width:100%;font-size:.875rem}
        th{text-align:left;font-weight:400}
        thead th{padding:.375rem .75rem .375rem 0;font-size:.8125rem;color:var(--muted);font-weight:560;
        border-bottom:1px solid var(--edge);white-space:nowrap}
        tbody th,tbody td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--rule);vertical-align:baseline}
        .number{text-align:right;white-space:nowrap;padding-right:0!important;padding-left:.75rem!important}
        tbody .number+td,thead .number+th:not(.number){padding-left:1.5rem;min-width:9rem}
        time{white-space:nowrap}
        summary{padding:.625rem 0;font-size:.9375rem;cursor:pointer}
        .result .figures td:nth-child(2){width:60%}.result .meter{display:block;width:100%}
        .result .figures td:last-child{text-align:right;font-weight:560}
        dl{margin:0}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:.75rem 2rem;
        font-size:.875rem}
        dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
        .tag{display:inline-block;padding:0 .4rem;border:1px solid var(--rule);border-radius:.25rem;font-size:.75rem;
        font-weight:560;line-height:1.25rem}
        .tag.refuse,.tag.safe-reply,.tag.resample,.tag.rewrite{border-color:var(--failed);color:var(--bad)}
        .tag.flag{border-color:var(--edge)}

        """

    private static let review = """
        .items,.cards{display:grid;gap:1rem;margin:0;padding:0;list-style:none}
        .cards{grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));margin-top:.5rem;align-items:start}
        .item,.card{padding:.875rem 1rem 1rem;border:1px solid var(--rule);border-radius:.375rem;min-width:0}
        .item{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.125rem 1.5rem}
        .item>*{grid-column:1}.item .decide{grid-column:2;grid-row:1/span 5;align-self:center}
        .item-head{display:flex;flex-wrap:wrap;gap:0 .75rem;align-items:baseline;font-size:.9375rem}
        .item-head time{color:var(--muted);font-size:.875rem}
        .reason{margin:.25rem 0 0}
        blockquote{margin:0 0 .5rem;padding:.5rem .75rem;background:var(--raised);border-radius:.25rem;
        white-space:pre-wrap;max-height:16rem;overflow:auto}
        .wanted{display:flex;flex-wrap:wrap;gap:.125rem 1.5rem;margin:.25rem 0 0;padding:0;list-style:none;
        font-size:.875rem}
        .wanted .meter{width:4rem;margin-inline:.25rem}
        .decide{display:flex;gap:.5rem}
        .card h3{margin:0 0 .5rem;font-size:1.0625rem}
        .card dl>div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:1rem;padding:.25rem 0;font-size:.875rem}
        .card pre{max-height:24rem;margin:0;padding:.75rem 1rem;overflow:auto;background:var(--raised);
        border-radius:.375rem;white-space:pre-wrap;line-height:1.5}

        """

    private static let narrow = """
        @media (max-width:46rem){
        html{scroll-padding-top:6.5rem}
        .bar,main,.foot{padding-inline:1rem}
        .bar{flex-wrap:wrap;justify-content:space-between;padding-top:.25rem}
        .top nav{order:3;flex-basis:100%;margin-inline:-1rem;padding-inline:.375rem;
        scrollbar-width:none}
        .top nav a{padding:.625rem .625rem .75rem}
        .headline{padding-top:1.5rem}section{margin-top:2.5rem}
        .item{grid-template-columns:minmax(0,1fr)}
        .item .decide{grid-column:1;grid-row:auto;margin-top:.75rem}
        .decide button,.row button{flex:1}
        .ranges a{padding:.625rem .75rem}
        .card dl>div{grid-template-columns:7rem minmax(0,1fr)}
        .panels{grid-template-columns:repeat(auto-fill,minmax(min(100%,9.5rem),1fr));gap:1.25rem 1rem}
        }
        @media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
        @media print{.top,#score,.decide{display:none}section{break-inside:avoid}}
        """
}
