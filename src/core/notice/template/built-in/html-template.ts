import type { TemplateName } from '../template-name.js';

/**
 * The built-in page of a message: nothing is loaded from anywhere, one column that fits a phone, colours for light and dark.
 * Mail programs that drop the style sheet show it as plain headings and lists.
 */
export function htmlTemplate(name: TemplateName): string {
  const isAdministrator = name === 'administrator';
  const who = isAdministrator ? ' <span class="who">account {{account}}</span>' : '';
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>AutoSSL on {{host}}</title>
<style>
${STYLE}</style>
</head>
<body>
<table role="presentation" class="page" align="center" width="100%" cellpadding="0" cellspacing="0"><tr><td class="column">
<p class="host">AutoSSL on {{host}}</p>
<h1>{{summary}}</h1>
{{#troubles}}
<div class="trouble{{#isLate}} late{{/isLate}}{{#isExpired}} expired{{/isExpired}}">
<h2>{{website}}${who}</h2>
<p class="headline">{{headline}}</p>
<p>{{what}}</p>
{{#names}}
<div class="name"><strong>{{name}}</strong><br>{{why}}{{#advice}}<br><span class="advice">{{advice}}</span>{{/advice}}</div>
{{/names}}
{{#moreNames}}
<p class="more">{{moreNames}}</p>
{{/moreNames}}
<p><span class="label">What happens next</span><br>{{next}}</p>
<p><span class="label">What to do</span><br>{{todo}}</p>
{{#command}}
<pre>{{command}}</pre>
{{/command}}
{{#excludeHint}}
<p>{{excludeHint}}</p>
{{#excludeCommand}}
<pre>{{excludeCommand}}</pre>
{{/excludeCommand}}
{{/excludeHint}}
</div>
{{/troubles}}
{{#moreTroubles}}
<p class="more">{{moreTroubles}}</p>
{{/moreTroubles}}
${section('over', 'Over', 'moreOver', who)}${section('renewed', 'Renewed', 'moreRenewed', who)}${section('standing', 'As before', 'moreStanding', who)}<p class="end">${isAdministrator ? ADMINISTRATORS_END : OWNERS_END}</p>
</td></tr></table>
</body>
</html>
`;
}

function section(list: string, title: string, more: string, who: string): string {
  return `{{#${list}Count}}
<h2 class="section">${title} ({{${list}Count}})</h2>
<table role="presentation" class="lines" width="100%" cellpadding="0" cellspacing="0">
{{#${list}}}
<tr><td><strong>{{website}}</strong>${who}<div class="text">{{text}}</div>{{#command}}<pre>{{command}}</pre>{{/command}}</td></tr>
{{/${list}}}
</table>
{{#${more}}}
<p class="more">{{${more}}}</p>
{{/${more}}}
{{/${list}Count}}
`;
}

const ADMINISTRATORS_END =
  '{{createdAt}}. {{repeat}}{{#isRoot}} To be told less: <code>autossl options set administrator-notices 3</code>{{/isRoot}}';

const OWNERS_END = '{{createdAt}}. {{repeat}}';

const STYLE = `:root { color-scheme: light dark; }
body { margin: 0; padding: 0; background: #f3f4f6; color: #1f2328; font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; -webkit-text-size-adjust: 100%; }
.page { max-width: 680px; margin: 0 auto; }
.column { padding: 20px 16px 32px; text-align: left; }
.host { margin: 0; font-size: 14px; color: #59636e; }
h1 { margin: 4px 0 20px; font-size: 21px; line-height: 1.3; font-weight: 600; }
h2 { margin: 0; font-size: 17px; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
h2.section { margin: 28px 0 8px; }
p { margin: 12px 0 0; overflow-wrap: anywhere; }
.who { font-weight: 400; font-size: 13px; color: #59636e; }
.trouble { margin: 0 0 16px; padding: 16px; background: #ffffff; border: 1px solid #d1d9e0; border-left: 4px solid #9a6700; border-radius: 6px; }
.late, .expired { border-left-color: #cf222e; }
.headline { margin: 2px 0 0; font-weight: 600; color: #7d4e00; }
.late .headline, .expired .headline { color: #b42318; }
.name { margin: 12px 0 0; padding: 8px 12px; background: #f6f8fa; border-radius: 4px; font-size: 15px; overflow-wrap: anywhere; }
.advice { color: #59636e; }
.label { font-size: 13px; font-weight: 600; color: #59636e; }
pre { margin: 8px 0 0; padding: 10px 12px; background: #eff1f3; border-radius: 4px; font: 14px/1.4 ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: 13px ui-monospace, Menlo, Consolas, monospace; }
.lines td { padding: 8px 0; border-top: 1px solid #d1d9e0; font-size: 15px; overflow-wrap: anywhere; word-break: break-word; }
.headline::first-letter, .text::first-letter { text-transform: uppercase; }
.more { font-size: 14px; color: #59636e; }
.end { margin-top: 32px; padding-top: 12px; border-top: 1px solid #d1d9e0; font-size: 13px; color: #59636e; }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3; }
  .trouble { background: #151b23; border-color: #3d444d; border-left-color: #d29922; }
  .late, .expired { border-left-color: #f85149; }
  .headline { color: #e3b341; }
  .late .headline, .expired .headline { color: #ff7b72; }
  .name, pre { background: #212830; }
  .host, .who, .advice, .label, .more, .end { color: #9198a1; }
  .lines td, .end { border-top-color: #3d444d; }
}
`;
