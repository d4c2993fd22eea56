import type { TemplateName } from '../template-name.js';

/** The built-in subject of a message. */
export function subjectTemplate(name: TemplateName): string {
  return name === 'administrator'
    ? 'AutoSSL on {{host}}: {{summary}}\n'
    : 'AutoSSL on {{host}}, {{account}}: {{summary}}\n';
}

/** The built-in plain text of a message. */
export function textTemplate(name: TemplateName): string {
  const isAdministrator = name === 'administrator';
  const who = isAdministrator ? ' (account {{account}})' : '';
  return `{{summary}}.

{{#troubles}}
* {{website}}${who}: {{headline}}

  {{what}}
{{#names}}

  - {{name}}: {{why}}
{{#advice}}
    {{advice}}
{{/advice}}
{{/names}}
{{#moreNames}}

  {{moreNames}}
{{/moreNames}}

  What happens next: {{next}}

  What to do: {{todo}}
{{#command}}

    {{command}}
{{/command}}
{{#excludeHint}}

  {{excludeHint}}
{{#excludeCommand}}

    {{excludeCommand}}
{{/excludeCommand}}
{{/excludeHint}}

{{/troubles}}
{{#moreTroubles}}
{{moreTroubles}}

{{/moreTroubles}}
${section('over', 'Over', 'moreOver', who)}${section('renewed', 'Renewed', 'moreRenewed', who)}${section('standing', 'As before', 'moreStanding', who)}--
${isAdministrator ? ADMINISTRATORS_END : OWNERS_END}`;
}

function section(list: string, title: string, more: string, who: string): string {
  return `{{#${list}Count}}
${title} ({{${list}Count}})

{{#${list}}}
- {{website}}${who}: {{text}}
{{#command}}
    {{command}}
{{/command}}
{{/${list}}}
{{#${more}}}
{{${more}}}
{{/${more}}}

{{/${list}Count}}
`;
}

const ADMINISTRATORS_END = `AutoSSL on {{host}}, {{createdAt}}
{{repeat}}
{{#isRoot}}
To be told less:
    autossl options set administrator-notices 3
{{/isRoot}}
`;

const OWNERS_END = `AutoSSL on {{host}}, {{createdAt}}
{{repeat}}
`;
