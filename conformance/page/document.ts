/**
 * One HTML file that needs nothing else: the frame that every page of the program has.
 *
 * The policy in its head forbids every request, so a page that asks for anything is a page that shows it;
 * a live page may ask the server that it came from, and only that.
 * @module
 */
import { escapeHtml } from './escape.ts';

/** A page. `body`, `style` and `script` are as they are; the title is text. */
export interface Page {
  readonly title: string;
  readonly style: string;
  readonly body: string;
  readonly script: string;
  /** True for a page that its server goes on telling things. */
  readonly isLive?: boolean;
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The file. */
export function htmlDocument({ title, style, body, script, isLive = false }: Page): string {
  const policy = isLive ? `${POLICY}; connect-src 'self'` : POLICY;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${BASE_STYLE}${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
}

/** Data for a script of the page: JSON that cannot end the element it stands in. */
export function jsonScript(id: string, value: unknown): string {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return `<script type="application/json" id="${id}">${json}</script>`;
}

/** Colours and type of every page, light and dark. All pairs of text and ground have a contrast of 4.5. */
const BASE_STYLE = `
:root{color-scheme:light dark;--bg:#fbfaf8;--fg:#1f2328;--dim:#59636e;--line:#d0ccc4;--card:#fff;--accent:#9a3412;--bad:#b4232a;--good:#146c43;--ad:#f6d98b;--text:#a9cdf2;--tag:#b9e3c0;--spare:#e4e1da;--ink:#1f2328;--source:#7a5195;--destination:#0f766e}
@media (prefers-color-scheme:dark){:root{--bg:#16181b;--fg:#e6e4e0;--dim:#9aa4ae;--line:#3a3f45;--card:#1d2024;--accent:#f0915f;--bad:#ff8a8a;--good:#6fd39b;--ad:#6b5310;--text:#204d78;--tag:#22593a;--spare:#3a3f45;--ink:#f3f1ed;--source:#c39bdb;--destination:#5bc4b8}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1280px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:24px;line-height:1.25;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:18px;margin:32px 0 8px}
h3{font-size:15px;margin:20px 0 6px}
p{margin:0 0 10px;max-width:80ch}
.dim{color:var(--dim)}
.bad{color:var(--bad)}
.good{color:var(--good)}
code,pre,.mono{font:13px/1.45 ui-monospace,"DejaVu Sans Mono",Menlo,monospace;overflow-wrap:anywhere}
pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:10px 12px;margin:0 0 10px}
a{color:var(--accent)}
button,select,input{font:inherit;color:inherit}
button{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:4px 10px;cursor:pointer}
button:disabled{color:var(--dim);cursor:default}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
kbd{font:11px ui-monospace,"DejaVu Sans Mono",monospace;border:1px solid var(--line);border-radius:3px;padding:0 4px;color:var(--dim)}
@media (max-width:640px){main{padding:16px 12px 40px}h1{font-size:20px}}
`;
