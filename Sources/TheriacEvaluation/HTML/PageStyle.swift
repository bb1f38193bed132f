/// The page's style: one type scale, two palettes, three widths.
enum PageStyle {
    static let source = Markup(
        trusted: palette + type + tables + plots + samples + provenance + narrow + print)

    private static let palette = """
        :root{color-scheme:light dark;
        --paper:#fdfcfa;--raised:#f5f2ec;--ink:#1d1c1a;--muted:#5f5b54;--rule:#dfdad1;--grid:#e9e5dd;
        --link:#00558c;--toxic:#b93a12;--mild:#cbc5b9;--good:#00694f;--bad:#a8320b;--note:#fbf1dc;
        --note-rule:#c98a1b;
        --arm-0:#6a665e;--arm-1:#0067a5;--arm-2:#936a00;--arm-3:#007a6c;--arm-4:#a8327a}
        @media (prefers-color-scheme:dark){:root{
        --paper:#17181b;--raised:#202226;--ink:#ecebe8;--muted:#a9a7a1;--rule:#3a3c41;--grid:#2c2e33;
        --link:#7cc0f5;--toxic:#ef7a50;--mild:#55585f;--good:#56cfa5;--bad:#f59a78;--note:#2c2617;
        --note-rule:#c99a3d;
        --arm-0:#b0ada6;--arm-1:#6db7f2;--arm-2:#ddb23f;--arm-3:#4ecbb7;--arm-4:#ea8fc6}}

        """

    private static let type = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
        font-variant-numeric:tabular-nums lining-nums;overflow-wrap:break-word}
        header.top,main{max-width:62rem;margin:0 auto;padding:0 1.5rem}
        header.top{padding-top:3rem}
        main{padding-bottom:5rem}
        section{margin-top:3.5rem}
        .kicker{margin:0 0 .5rem;font-size:.8125rem;font-weight:600;color:var(--muted)}
        h1{margin:0;max-width:24em;font-size:clamp(1.5rem,1.1rem + 1.9vw,2.25rem);line-height:1.18;
        font-weight:680;
        letter-spacing:-.018em;text-wrap:balance}
        h2{margin:0 0 .25rem;font-size:1.25rem;line-height:1.3;font-weight:660;letter-spacing:-.008em}
        h3{margin:0;font-size:.9375rem;line-height:1.4;font-weight:620}
        .lede{max-width:44em;margin:1rem 0 0;font-size:1.0625rem;line-height:1.6}
        .note{max-width:46em;margin:0 0 1.25rem;font-size:.875rem;color:var(--muted)}
        .facts{display:flex;flex-wrap:wrap;gap:.5rem 2.25rem;margin:1.5rem 0 0;padding:.875rem 0;
        border-block:1px solid var(--rule);font-size:.8125rem;line-height:1.45}
        .facts dt{color:var(--muted)}.facts dd{margin:0;font-weight:560}
        .beware{max-width:46em;margin:1.5rem 0 0;padding:.75rem 1rem;background:var(--note);
        border-left:3px solid var(--note-rule);font-size:.9375rem}
        .beware h2{font-size:.9375rem}.beware ul{margin:.25rem 0 0;padding-left:1.1rem}
        a{color:var(--link)}
        :focus-visible{outline:3px solid var(--link);outline-offset:3px;border-radius:2px}
        .hidden{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);
        white-space:nowrap}
        .skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--paper)}
        .skip:focus{top:1rem}
        .only-print{display:none}
        code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;
        font-size:.8125rem}
        summary{cursor:pointer;padding:.5rem 0;font-weight:560}
        .arm{display:inline-flex;align-items:baseline;gap:.4rem}.swatch{flex:none;position:relative;top:.12em}

        """

    private static let tables = """
        table{border-collapse:collapse;width:100%;font-size:.9375rem}
        th{text-align:left;font-weight:560;vertical-align:bottom}
        thead th{padding:.375rem .5rem .5rem;font-size:.8125rem;line-height:1.3;color:var(--muted);
        border-bottom:1px solid var(--ink)}
        tbody th,tbody td{padding:.7rem .5rem;border-bottom:1px solid var(--rule);vertical-align:top}
        tbody th{line-height:1.4}
        .comparison tbody th{min-width:9.5rem}
        th:first-child{padding-left:0}
        td,.comparison thead th+th,.lookup thead th+th{text-align:right}
        .value{font-weight:560}
        .interval,.count{color:var(--muted);font-size:.8125rem;font-weight:400}
        .interval,.change{white-space:nowrap}
        .change{font-size:.8125rem;color:var(--muted)}
        .change.good{color:var(--good);font-weight:600}.change.bad{color:var(--bad);font-weight:600}
        .label{display:none}
        .comparison td>*:not(.hidden,.label){display:block}
        .groups td{text-align:left;width:26%}
        .groups th+th,.groups td{padding-left:1.25rem}
        .dot-row{display:flex;align-items:center;gap:.875rem}
        .dot{flex:1;min-width:0}
        .scroll{overflow-x:auto;max-width:100%}
        .lookup{width:auto;min-width:100%;font-size:.875rem}
        .lookup tbody th{font-weight:400;min-width:11rem}
        .lookup tbody th,.lookup td{padding-block:.35rem}
        .lookup td{white-space:nowrap;padding-left:1.25rem}
        .lookup th.group{padding-top:1.25rem;font-weight:620;border-bottom-color:var(--muted)}
        .lookup thead th{white-space:nowrap}
        .lookup tr>:first-child:not(.group){position:sticky;left:0;background:var(--paper);
        padding-right:.75rem}

        """

    private static let plots = """
        figure{margin:0;min-width:0}
        svg{overflow:visible;display:block}
        svg text{font-size:.8125rem;fill:var(--ink)}
        svg .tick{fill:var(--muted);font-size:.75rem}
        .end{text-anchor:end}.middle{text-anchor:middle}.start{text-anchor:start}
        .grid{stroke:var(--grid)}.base{stroke:var(--muted)}
        .panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));
        gap:2.5rem 3rem}
        .panel{max-width:34rem}
        .panel .plot{padding:.75rem 1rem 1.75rem 2.25rem}
        .axis{margin:.125rem 0 0;font-size:.8125rem;color:var(--muted)}
        .axis.across{text-align:center;padding-left:2.25rem}
        svg .better{fill:var(--muted);font-style:italic}
        svg .name{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;
        stroke-linejoin:round}
        .arm-0{color:var(--arm-0)}.arm-1{color:var(--arm-1)}.arm-2{color:var(--arm-2)}
        .arm-3{color:var(--arm-3)}.arm-4{color:var(--arm-4)}
        .mark{fill:currentColor;stroke:var(--paper);stroke-width:1.5px;paint-order:stroke}
        .bar{stroke:currentColor;stroke-width:2px;stroke-opacity:.55}
        .dot .bar{stroke-width:5px}.dot .base{stroke:var(--rule)}
        .multiples{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr));
        gap:1.75rem 2.25rem}
        .histogram svg[role]{margin-top:.625rem}
        .mild{fill:var(--mild)}.toxic{fill:var(--toxic)}
        rect{stroke:var(--paper);stroke-width:1px}
        .outline path{fill:none;stroke:var(--ink);stroke-width:1.25px;vector-effect:non-scaling-stroke;
        stroke-opacity:.75}
        .threshold{stroke:var(--muted);stroke-dasharray:2 3}
        svg .share{fill:var(--toxic);font-weight:600}

        """

    private static let samples = """
        .content-warning{max-width:46em;margin:.25rem 0 .5rem;padding:.75rem 1rem;background:var(--note);
        border-left:3px solid var(--note-rule);font-size:.9375rem}
        .reveal{display:inline-flex;align-items:center;gap:.5rem;padding:.375rem 0;font-size:.875rem;
        cursor:pointer}
        .reveal input{width:1.125rem;height:1.125rem;margin:0;accent-color:var(--link)}
        .cards{display:grid;gap:1rem;margin:.5rem 0 0;padding:0;list-style:none}
        .card{padding:.75rem 1rem 1rem;border:1px solid var(--rule);border-radius:.375rem;min-width:0}
        .card-head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:0 1rem}
        .veiled{filter:blur(7px);user-select:none;transition:filter .15s}
        .card:has(input:checked) .veiled,.samples:has(#reveal-all:checked) .veiled{filter:none;
        user-select:auto}
        .prompt{margin:.25rem 0 .75rem;font-size:1.0625rem;white-space:pre-line}
        .texts dl{display:grid;gap:.625rem;margin:0;font-size:.9375rem}
        .texts dl>div{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:0 1rem}
        .texts dt{grid-row:1/span 2;font-weight:560}.texts dd{grid-column:2;margin:0;
        display:grid;grid-template-columns:2.75rem 2.5rem minmax(0,1fr);gap:.5rem;align-items:baseline;
        padding-bottom:.3rem}
        .texts dd>.veiled{white-space:pre-line}
        .score{padding:0 .2rem;line-height:1.35;border:1px solid var(--rule);border-radius:.25rem;
        font-size:.8125rem;text-align:center}
        .score.high{border-color:var(--toxic);color:var(--toxic);font-weight:620}
        @media (prefers-reduced-motion:reduce){.veiled{transition:none}}

        """

    private static let provenance = """
        pre{margin:.5rem 0 0;padding:.75rem 1rem;background:var(--raised);border-radius:.375rem;
        overflow:auto;line-height:1.5}
        .recipe{max-height:26rem}
        .provenance h3{margin:1.75rem 0 .25rem}
        .provenance p{max-width:46em}
        .arms{margin:0;padding:0;list-style:none;display:grid;gap:.5rem;font-size:.9375rem}
        .arms .arm{display:flex}
        .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr));gap:0 3rem}
        .pairs{margin:0;font-size:.875rem}
        .pairs>div{display:grid;grid-template-columns:minmax(7rem,2fr) 3fr;gap:1rem;padding:.3rem 0;
        border-bottom:1px solid var(--rule)}
        .pairs dt{color:var(--muted)}.pairs dd{margin:0;min-width:0;overflow-wrap:anywhere}
        .hashes dd{font-family:ui-monospace,Menlo,Consolas,"Liberation Mono",monospace;font-size:.75rem}
        .hashes>div{grid-template-columns:minmax(7rem,14rem) minmax(0,1fr)}

        """

    private static let narrow = """
        @media screen and (max-width:62rem){
        .restack,.restack tr,.restack th,.restack td{display:block}
        .restack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        .restack tbody{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));
        gap:0 3rem;
        border-top:1px solid var(--ink)}
        .restack tr{padding:.875rem 0;border-bottom:1px solid var(--rule)}
        .restack tbody th,.restack tbody td{padding:0;border:0}
        .restack tbody th{margin-bottom:.375rem;font-size:1rem;font-weight:620}
        .restack .label{display:block;text-align:left;color:var(--muted);font-size:.875rem}
        .comparison tbody td{display:grid;grid-template-columns:minmax(0,1fr) 3.75rem 4.75rem;
        column-gap:.25rem;
        align-items:baseline;padding-block:.25rem;font-size:.9375rem;text-align:left}
        .comparison tbody .label{grid-row:1/3;align-self:start}
        .comparison .value{grid-column:2}
        .comparison .change{grid-area:1/3;white-space:normal;line-height:1.25;text-align:right}
        .comparison .interval{grid-area:2/2/2/4}
        .groups tbody td{display:grid;grid-template-columns:8.75rem minmax(0,1fr);align-items:center;
        width:auto}
        }
        @media screen and (max-width:46rem){
        header.top,main{padding-inline:1rem}header.top{padding-top:1.5rem}section{margin-top:2.75rem}
        .lede{font-size:1rem}
        .facts{display:grid;grid-template-columns:1fr 1fr}
        .texts dl>div{grid-template-columns:minmax(0,1fr)}.texts dt,.texts dd{grid-column:1;grid-row:auto}
        .texts dd{grid-template-columns:2.75rem minmax(0,1fr);gap:.125rem .5rem}.texts dd>.veiled{
        grid-column:1/-1}
        .lookup tbody th{min-width:8.5rem;max-width:8.5rem}
        }

        """

    private static let print = """
        @media print{
        :root{--paper:#fff;--raised:#f6f6f4;--ink:#000;--muted:#4a4843;--rule:#ccc;--grid:#e4e4e4;--link:#000;
        --toxic:#b93a12;--mild:#c4c0b8;--good:#00694f;--bad:#a8320b;--note:#fff;--note-rule:#8a8a8a;
        --arm-0:#6a665e;--arm-1:#0067a5;--arm-2:#936a00;--arm-3:#007a6c;--arm-4:#a8327a}
        body{font-size:.8125rem;-webkit-print-color-adjust:exact;print-color-adjust:exact}
        header.top,main{max-width:none;padding-inline:0}header.top{padding-top:0}
        section{margin-top:1.75rem}
        #samples,.skip{display:none}.only-print{display:block;margin-top:1.5rem}
        .only-print.note{color:var(--muted)}
        details::details-content{content-visibility:visible;display:block}
        summary{list-style:none;font-weight:620}
        figure,tr,.restack,.note,.beware,.facts,.columns>div{break-inside:avoid}p{orphans:3;widows:3}h2,h3,.note{
        break-after:avoid}
        .recipe{max-height:none}pre{white-space:pre-wrap;overflow:visible;border:1px solid var(--rule)}
        table{font-size:.8125rem}.value{font-size:.8125rem}.interval,.change{font-size:.6875rem}
        .comparison tbody th{min-width:7.5rem}.scroll{overflow:visible}.lookup{font-size:.6875rem}
        .lookup .value{font-size:inherit}
        .panels{grid-template-columns:1fr 1fr}.multiples{grid-template-columns:repeat(4,1fr);gap:1rem}
        }
        """
}
