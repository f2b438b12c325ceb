/**
 * Style of the walk. Whatever a colour says is said by a pattern, a bar or a word too.
 * @module
 */

export const PAGE_STYLE = `
.links{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 8px}
.results{padding:0;margin:0 0 8px;list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px}
#verdict{border-left:4px solid var(--bad);padding-left:10px}
.controls{position:sticky;top:0;z-index:2;background:var(--bg);border-bottom:1px solid var(--line);display:flex;flex-wrap:wrap;gap:6px;align-items:center;padding:8px 0;margin:0 0 8px}
.controls label{display:inline-flex;gap:6px;align-items:center;flex:1 1 180px;color:var(--dim)}
.controls input{flex:1;min-width:80px;accent-color:var(--accent)}
#count{font-variant-numeric:tabular-nums;color:var(--dim)}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:24px}
.side{min-width:0}
.side h2{margin:8px 0}
.now{min-height:8.6em;margin:0 0 8px;overflow-wrap:anywhere;border-left:3px solid var(--accent);padding-left:8px}
.now.rest{border-color:var(--line);color:var(--dim)}
.groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr));gap:4px 16px}
.group{min-width:0;border-top:3px solid var(--line);padding-top:2px}
.group.source{border-color:var(--source)}
.group.destination{border-top-style:double;border-color:var(--destination)}
.group h3{margin:2px 0 4px;font-size:13px}
.page{margin:0 0 4px}
.page figcaption{font-size:12px;color:var(--dim)}
.strip{display:flex;flex-wrap:wrap;row-gap:8px;padding:6px 0}
.piece,.gap{position:relative;display:inline-block;min-width:4.4em;padding:2px 5px;border:1px solid var(--line);font-size:12px;line-height:1.35;color:var(--ink);background-color:var(--spare)}
.piece small{font-size:11px}
.gap{flex:0 0 auto;min-width:0;color:var(--dim);background:repeating-linear-gradient(45deg,transparent 0 5px,var(--line) 5px 6px),repeating-linear-gradient(-45deg,transparent 0 5px,var(--line) 5px 6px),var(--bg)}
.AD{background:radial-gradient(var(--line) 1px,transparent 1.5px) 0 0/7px 7px,var(--ad)}
.text{background:var(--text)}
.tag{background:repeating-linear-gradient(135deg,transparent 0 6px,var(--line) 6px 7px),var(--tag)}
.piece i{position:absolute;height:5px;min-width:3px;pointer-events:none}
.piece i.reads{top:-6px;border-top:4px dashed var(--fg)}
.piece i.writes{bottom:-6px;background:var(--accent)}
.piece i.done{bottom:0;height:2px;background:var(--ink)}
.piece i.wrong{top:0;bottom:0;height:auto;width:4px;background:var(--bad);outline:1px solid var(--bg)}
.piece.hit{outline:2px solid var(--fg);outline-offset:-1px}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 10px;padding:0;list-style:none;font-size:12px;color:var(--dim)}
.chips li{border:1px dashed var(--line);border-radius:4px;padding:1px 6px}
.chips li.reads{border-top:4px dashed var(--fg);color:var(--fg)}
.chips li.writes{border-bottom:4px solid var(--accent);color:var(--fg)}
.log{margin:0;padding:0 0 0 3.2em;max-height:420px;overflow:auto;border:1px solid var(--line);border-radius:6px;background:var(--card);font-size:13px}
.log li{padding:3px 6px;border-left:3px solid transparent;overflow-wrap:anywhere}
.log li.setup,.log li.end,.log li.earlier,.log li.setkey{color:var(--dim)}
.log li[aria-current]{border-color:var(--accent);background:color-mix(in srgb,var(--accent) 12%,var(--card))}
.log li::marker{color:var(--dim);font-size:11px}
.where{color:var(--dim);font-size:12px}
.where code{font-size:12px}
.legend{display:block;line-height:2.2}
.legend .piece,.legend .gap{min-width:0}
.sample{position:relative;padding:0 4px}
.sample.reads{border-top:4px dashed var(--fg)}
.sample.writes{border-bottom:4px solid var(--accent)}
.sample.wrong{border-left:4px solid var(--bad)}
@media (max-width:640px){.controls{gap:4px}.controls button{padding:4px 7px}.controls kbd{display:none}.log{max-height:300px}}
`;
