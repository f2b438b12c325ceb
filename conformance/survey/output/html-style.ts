/** Style of the HTML report. No web font, no image: the file works without a network. */

/** Fill colours by handling, distinguishable in light and dark and by common colour blindness. */
export const HANDLING_COLOURS: Readonly<Record<string, string>> = {
  dma: '#c2410c',
  walks: '#2563a8',
  builds: '#0f8a6d',
  copies: '#8a6d0f',
  'pass-through': '#8b5fb0',
  'walk+pass': '#4b6584',
  'walk-only': '#6f7b87',
};

/** Fill colours by mode. */
export const MODE_COLOURS: Readonly<Record<string, string>> = {
  async: '#c2410c',
  pipelined: '#d97706',
  'own-wait': '#8a6d0f',
  wait: '#0f8a6d',
  sync: '#2563a8',
  inherited: '#8b5fb0',
  'alloc-only': '#4b6584',
  unknown: '#b4235a',
  none: '#6f7b87',
};

function fills(attribute: string, colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(
      ([name, colour]) =>
        `[data-colour="${attribute}"] [data-${attribute}="${name}"]{--c:${colour}}`,
    )
    .join('\n');
}

/** The style sheet. */
export const STYLE: string = `
:root{color-scheme:light dark;--bg:#fbfaf8;--fg:#1f2328;--dim:#59636e;--line:#d8d5cf;--card:#fff;--accent:#9a3412}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#e6e4e0;--dim:#9aa4ae;--line:#34383d;--card:#1d2024;--accent:#f0915f}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:19px;margin:40px 0 10px}
p{margin:0 0 10px;max-width:78ch}
.dim{color:var(--dim)}
code,.path{font:13px/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,monospace;overflow-wrap:anywhere}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:10px;margin:20px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.card b{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{color:var(--dim);font-size:13px}
.claims{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:14px}
.claim{border-left:3px solid var(--accent);padding:2px 0 2px 14px}
.claim q{font-style:italic}
.claim p{margin:6px 0 0}
.bar{display:flex;flex-wrap:wrap;gap:10px 18px;align-items:center;margin:0 0 10px}
.bar label{display:inline-flex;gap:6px;align-items:center;color:var(--dim);font-size:14px}
select,input[type=search]{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 8px;min-width:0}
input[type=search]{flex:1 1 220px}
:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:13px;color:var(--dim);margin:8px 0 0}
.legend i{display:inline-block;width:11px;height:11px;border-radius:2px;background:var(--c);margin-right:5px}
svg{display:block;width:100%;height:auto}
.map svg{display:none}
.map[data-area=hours] .hours.wide,.map[data-area=sites] .sites.wide{display:block}
.map rect.tile{fill:var(--c,#94a3b0);stroke:var(--bg);stroke-width:1}
.map a:hover rect.tile,.map a:focus rect.tile{stroke:var(--fg);stroke-width:2}
.map text{fill:#fff;font:11px ui-monospace,"DejaVu Sans Mono",monospace;pointer-events:none}
.map text.group{fill:var(--fg);font:600 12px system-ui,"DejaVu Sans",sans-serif}
@media (max-width:640px){
.map[data-area=hours] .wide,.map[data-area=sites] .wide{display:none!important}
.map[data-area=hours] .hours.tall,.map[data-area=sites] .sites.tall{display:block}
main{padding:20px 12px 40px}h1{font-size:22px}
.cards{grid-template-columns:repeat(2,1fr)}.card{padding:8px 12px}.card b{font-size:20px}
.opt{display:none}
}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--dim);font-size:13px;white-space:nowrap}
th button{all:unset;cursor:pointer;white-space:nowrap}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
th:last-child,td:last-child{padding-right:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.files thead th{position:sticky;top:0;background:var(--bg)}
.files td:first-child{width:46%}
summary{cursor:pointer}
details dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:8px 0 8px 16px;font-size:13px}
details dt{color:var(--dim)}
details dd{margin:0;overflow-wrap:anywhere}
.burn text{fill:var(--dim);font:12px system-ui,"DejaVu Sans",sans-serif}
@media (max-width:640px){details dl{grid-template-columns:1fr;margin-left:8px}th,td{padding-right:8px;overflow-wrap:anywhere}th{font-size:12px}.files summary{word-break:break-all}input[type=search]{flex-basis:100%}details dt{margin-top:4px}.files td:first-child{width:auto}.burn text{font-size:21px}}
.wavebar{height:10px;border-radius:5px;background:var(--accent);min-width:2px}
.burn polyline{fill:none;stroke:var(--accent);stroke-width:2}
.burn circle{fill:var(--accent)}
.burn line{stroke:var(--line)}
ul{padding-left:20px;margin:0}
.empty{padding:16px 0;color:var(--dim)}
${fills('handling', HANDLING_COLOURS)}
${fills('mode', MODE_COLOURS)}
`;
