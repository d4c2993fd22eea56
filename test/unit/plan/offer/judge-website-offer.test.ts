import { describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../../../src/core/domain/name/names.js';
import type { DefectCode } from '../../../../src/core/evaluation/evaluation.js';
import { judgeWebsiteOffer, namesOfOffer } from '../../../../src/core/plan/offer/judge-website-offer.js';

const name = parseHostName;
const website = {
  vhost: name('a.test'),
  candidates: [
    ...['a.test', 'www.a.test', 'mail.a.test'].map((one) => ({
      name: name(one),
      standing: 'primary' as const,
      isService: false,
    })),
    { name: name('webmail.a.test'), standing: 'other' as const, isService: true },
  ],
  excluded: [name('old.a.test')],
};

const judge = (
  dnsNames: readonly string[],
  defects: readonly DefectCode[] = [],
  because: 'VALID' | 'SELF_SIGNED' = 'VALID',
) =>
  judgeWebsiteOffer({
    website,
    names: namesOfOffer(website, { dnsNames, ipAddresses: [] }),
    evaluation: {
      defects: defects.map((code) => ({ code, severity: 'defective', citation: '', message: `${code}.` })),
    },
    chain: 'complete',
    isForAnyPurpose: false,
    action: {
      kind: because === 'VALID' ? 'keep' : 'replace',
      because: [{ code: because, message: '' }],
    },
  });
const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code);

describe('names laid beside each other', () => {
  test('excluded names count as the website’s, automatic service names neither way', () => {
    const leaf = { dnsNames: ['*.a.test', 'webmail.a.test', 'else.test'], ipAddresses: ['192.0.2.1'] };
    expect(namesOfOffer(website, leaf)).toEqual({
      working: ['www.a.test', 'mail.a.test', 'old.a.test'],
      missing: ['a.test'],
      extra: ['*.a.test', 'else.test', '192.0.2.1'],
    });
  });
});

describe('a certificate that is offered for a website', () => {
  test.each<[string, readonly string[], readonly DefectCode[], string[], string[]]>([
    ['for all names', ['a.test', '*.a.test'], [], [], []],
    ['for some names', ['a.test'], [], [], ['NAMES_MISSING']],
    ['for none of them', ['else.test'], [], ['NO_NAME_COVERED'], []],
    ['without any name', [], ['NO_SUBJECT_ALT_NAME'], ['NO_SUBJECT_ALT_NAME', 'NO_NAME_COVERED'], []],
    ['expired', ['a.test', '*.a.test'], ['CERTIFICATE_EXPIRED'], ['CERTIFICATE_EXPIRED'], []],
    ['revoked', ['a.test', '*.a.test'], ['REVOKED'], ['REVOKED'], []],
    ['self-signed', ['a.test', '*.a.test'], ['SELF_SIGNED'], [], ['SELF_SIGNED']],
    [
      'by an unknown root that was given',
      ['a.test', '*.a.test'],
      ['CHAIN_UNTRUSTED'],
      [],
      ['CHAIN_UNTRUSTED'],
    ],
  ])('%s', (_what, dnsNames, defects, refusals, warnings) => {
    const verdict = judge(dnsNames, defects);
    expect([codes(verdict.refusals), codes(verdict.warnings)]).toEqual([refusals, warnings]);
  });

  test('that AutoSSL would replace is warned of', () => {
    expect(codes(judge(['a.test', '*.a.test'], ['SELF_SIGNED'], 'SELF_SIGNED').warnings)).toEqual([
      'SELF_SIGNED',
      'REPLACED_SOON',
    ]);
  });

  test('names of it are outside text: shown printable, and not by the hundred', () => {
    const hostile = Array.from({ length: 300 }, (_, index) => `\u001b[31m${index}.test`);
    const [finding] = judge(hostile).refusals;
    expect(finding?.message).not.toContain('\u001b');
    expect(finding?.message).toContain('and 295 more');
  });
});
