import { describe, expect, test } from 'vitest'
import { certificateThumbprint, readClientCertificate, type CertificateFormat } from './client-certificate.js'

// RFC 8705 Appendix A: a certificate, and its thumbprint.
const PEM = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`
const THUMBPRINT = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
const BASE64 = PEM.replaceAll(/-----.*-----|\n/g, '')
const DER = new Uint8Array(Buffer.from(BASE64, 'base64'))

// RFC 9421 Appendix B.3: a `Client-Cert` as a proxy sends it.
const CLIENT_CERT =
  ':MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAMMEkxBIEludGVy' +
  'bWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQ' +
  'cDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/3YC8OthxM4+k1M6aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0T' +
  'BAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOBgNVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR' +
  '0RAQH/BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEA' +
  'x/kHSB4urmiZ0NX5r5XarmPk0wmuydBVoU4hBVZ1yhk=:'

/** As nginx writes it, and Envoy: everything escaped. */
const ESCAPED = encodeURIComponent(PEM)
/** As AWS writes it: `+`, `=` and `/` are safe. */
const SAFE = ESCAPED.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=')
const HASH = `Hash=${'0a'.repeat(32)}`

const FORMATS: readonly CertificateFormat[] = ['rfc9440', 'xfcc', 'pem-escaped', 'pem-url']
const WRITTEN: Readonly<Record<CertificateFormat, string>> = {
  rfc9440: `:${BASE64}:`,
  xfcc: `${HASH};Cert="${ESCAPED}"`,
  'pem-escaped': ESCAPED,
  'pem-url': SAFE,
}

/** Writes bytes as a DER certificate stands in a `Client-Cert`. */
function sequence(...bytes: number[]): string {
  return `:${Buffer.from(bytes).toString('base64')}:`
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0)
}

/** What could be a certificate of so many bytes, more than 259. */
function certificateOf(size: number): string {
  const length = size - 4
  return sequence(0x30, 0x82, length >> 8, length & 0xff, ...zeros(length))
}

describe('readClientCertificate', () => {
  test.each(FORMATS)('reads a certificate as %s writes it', (format) => {
    expect(readClientCertificate([WRITTEN[format]], format)).toEqual(DER)
  })

  test('reads the example of RFC 9421 Appendix B.3', () => {
    const der = readClientCertificate([CLIENT_CERT], 'rfc9440')
    expect(Buffer.from(der as Uint8Array).toString('base64')).toBe(CLIENT_CERT.slice(1, -1))
  })

  describe.each(FORMATS)('as %s', (format) => {
    const written = WRITTEN[format]

    test.each([[[]], [['']]])('%j is no certificate', (values) => {
      expect(readClientCertificate(values, format)).toBeUndefined()
    })

    test.each<[string, readonly string[]]>([
      ['a field that is there twice', [written, written]],
      ['a field that is there twice, once empty', [written, '']],
      ['a field that is there twice, first empty', ['', written]],
      ['two certificates in one field', [`${written}, ${written}`]],
      ['two certificates in one field, without a space', [`${written},${written}`]],
      ['something before it', [`@${written}`]],
      ['something after it', [`${written}x`]],
      ['a certificate that was cut off', [written.slice(0, -60)]],
      ['words', ['hello']],
      ['the word malformed', ['malformed']],
      ['a PEM as it is', [PEM]],
      ['a PEM with spaces', [PEM.replaceAll('\n', ' ')]],
      ['base64 alone', [BASE64]],
      ['a percent sign alone', [`${written}%`]],
      ['what is not UTF-8', [`${written}%ff`]],
    ])('%s is malformed', (_, values) => {
      expect(readClientCertificate(values, format)).toBe('malformed')
    })
  })

  test.each(FORMATS.filter((format) => format !== 'rfc9440'))('reads up to 16 KiB as %s', (format) => {
    const room = 16 * 1024 - WRITTEN[format].length
    const blank = '%20'.repeat(Math.floor(room / 3))
    const longest = WRITTEN[format].replace('-----BEGIN', `${blank}-----BEGIN`)
    expect(readClientCertificate([longest], format)).toEqual(DER)
    const longer = WRITTEN[format].replace('-----BEGIN', `${blank}%20-----BEGIN`)
    expect(longer.length).toBeGreaterThan(16 * 1024)
    expect(readClientCertificate([longer], format)).toBe('malformed')
  })

  test('reads up to 16 KiB as rfc9440', () => {
    expect(readClientCertificate([certificateOf(12_285)], 'rfc9440')).toHaveLength(12_285)
    expect(readClientCertificate([certificateOf(12_288)], 'rfc9440')).toBe('malformed')
  })

  test.each([
    ['without its padding', `:${BASE64.slice(0, -1)}:`],
    ['with more padding', `:${BASE64}=:`],
    ['with spare bits', `:${BASE64.slice(0, -2)}Z=:`],
    ['in the other alphabet', `:${BASE64.replaceAll('+', '-').replaceAll('/', '_')}:`],
    ['with a space', `:${BASE64.slice(0, 64)} ${BASE64.slice(64)}:`],
    ['with a parameter', `:${BASE64}:;a=1`],
    ['without its colons', BASE64],
    ['with one colon', `:${BASE64}`],
    ['empty', '::'],
  ])('a byte sequence %s is malformed', (_, value) => {
    expect(readClientCertificate([value], 'rfc9440')).toBe('malformed')
  })

  test.each([
    ['no SEQUENCE', sequence(0x31, 0)],
    ['an empty text', sequence()],
    ['a tag alone', sequence(0x30)],
    ['a short length that is too large', sequence(0x30, 2, 0)],
    ['a short length that is too small', sequence(0x30, 1, 0, 0)],
    ['an indefinite length', sequence(0x30, 0x80, 0, 0)],
    ['a length that fits into one byte less', sequence(0x30, 0x81, 0x7f, ...zeros(0x7f))],
    ['a length with a zero before it', sequence(0x30, 0x82, 0, 0x80, ...zeros(0x80))],
    ['a length of three bytes', sequence(0x30, 0x83, 0, 1, 0, ...zeros(0x100))],
    ['a long length that is too large', sequence(0x30, 0x82, 1, 1, ...zeros(0x100))],
    ['a long length that is too small', sequence(0x30, 0x82, 1, 0, ...zeros(0x101))],
    ['a length that is cut off', sequence(0x30, 0x82, 1)],
    ['a second one after it', sequence(...DER, ...DER)],
  ])('%s is malformed', (_, value) => {
    expect(readClientCertificate([value], 'rfc9440')).toBe('malformed')
  })

  test.each([
    ['a short length', [0x30, 1, 0]],
    ['a length of one byte', [0x30, 0x81, 0x80, ...zeros(0x80)]],
    ['a length of two bytes', [0x30, 0x82, 1, 0, ...zeros(0x100)]],
  ])('a SEQUENCE with %s is taken', (_, bytes) => {
    expect(readClientCertificate([sequence(...bytes)], 'rfc9440')).toEqual(Uint8Array.from(bytes))
  })

  test.each([
    ['alone', `Cert="${ESCAPED}"`],
    ['first', `Cert="${ESCAPED}";${HASH}`],
    ['last', `By=spiffe://a/b?c=d;${HASH};Cert="${ESCAPED}"`],
    ['in small letters', `hash=00;cert="${ESCAPED}"`],
    ['without quotes', `${HASH};Cert=${ESCAPED}`],
    ['with safe characters', `${HASH};Cert="${SAFE}"`],
    ['beside a value with a comma and a semicolon', `Subject="CN=a,O=b;c";Cert="${ESCAPED}"`],
    ['beside a value with escaped quotes', String.raw`Subject="CN=\",Cert=\"";Cert="${ESCAPED}"`],
    ['beside a value with a backslash at its end', String.raw`Subject="CN=\\";Cert="${ESCAPED}"`],
    ['beside an empty value', `Subject="";URI=;Cert="${ESCAPED}"`],
    ['beside a chain', `Chain="${ESCAPED}${ESCAPED}";Cert="${ESCAPED}"`],
    ['beside names that come twice', `DNS=a;DNS=b;Cert="${ESCAPED}"`],
  ])('finds Cert %s in the field of Envoy', (_, value) => {
    expect(readClientCertificate([value], 'xfcc')).toEqual(DER)
  })

  test.each([HASH, `By=a;${HASH}`, `${HASH};Chain="${ESCAPED}"`, `Subject="Cert=\\"${ESCAPED}\\""`])(
    'the field of Envoy without Cert holds no certificate: %j',
    (value) => {
      expect(readClientCertificate([value], 'xfcc')).toBeUndefined()
    },
  )

  test.each([
    ['two elements', `Cert="${ESCAPED}",${HASH}`],
    ['two elements, the certificate in the second', `${HASH},Cert="${ESCAPED}"`],
    ['two elements without a certificate', `${HASH},${HASH}`],
    ['an element and an empty one', `Cert="${ESCAPED}",`],
    ['two certificates', `Cert="${ESCAPED}";Cert="${ESCAPED}"`],
    ['two certificates, one of them without quotes', `Cert=${ESCAPED};cert="${ESCAPED}"`],
    ['an empty certificate', `${HASH};Cert=""`],
    ['an empty certificate and another', `Cert=;Cert="${ESCAPED}"`],
    ['a certificate that is no PEM', `${HASH};Cert="hello"`],
    ['a quote that is not closed', `Cert="${ESCAPED}`],
    ['a quote that is not closed, in another value', `Subject="a;Cert="${ESCAPED}"`],
    ['something after a quote', `Subject="a"b;Cert="${ESCAPED}"`],
    ['a quote within a value', `Subject=a"b;Cert="${ESCAPED}"`],
    ['a name alone', `Hash;Cert="${ESCAPED}"`],
    ['a semicolon at the end', `Cert="${ESCAPED}";`],
    ['a space', `${HASH}; Cert="${ESCAPED}"`],
    ['an escape in the certificate', `Cert="${ESCAPED}\\""`],
  ])('the field of Envoy with %s is malformed', (_, value) => {
    expect(readClientCertificate([value], 'xfcc')).toBe('malformed')
  })

  test('what was read before does not matter', () => {
    expect(readClientCertificate([`${HASH},${HASH}`], 'xfcc')).toBe('malformed')
    expect(readClientCertificate([WRITTEN.xfcc], 'xfcc')).toEqual(DER)
  })

  test.each([
    ['two certificates', PEM + PEM],
    ['a certificate and a key', `${PEM}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`],
    ['another label', PEM.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
    ['labels that differ', PEM.replace('END CERTIFICATE', 'END PRIVATE KEY')],
    ['text before it', `subject=CN\n${PEM}`],
    ['text after it', `${PEM}x`],
    ['no end', PEM.replace(/-----END.*/, '')],
    ['a header in it', PEM.replace('-----\n', '-----\nA: b\n\n')],
    ['nothing in it', PEM.replace(/-----\n[^-]*/, '-----\n')],
    ['a space that is none of ASCII', PEM.replace('\n', '\u00a0')],
    ['a plus that became a space', PEM.replaceAll('+', ' ')],
    ['two escapes', encodeURIComponent(PEM)],
  ])('a PEM with %s is malformed', (_, pem) => {
    expect(readClientCertificate([encodeURIComponent(pem)], 'pem-escaped')).toBe('malformed')
    expect(readClientCertificate([encodeURIComponent(pem)], 'pem-url')).toBe('malformed')
  })

  test.each([
    ['other line ends', PEM.replaceAll('\n', '\r\n')],
    ['spaces for line ends', PEM.replaceAll('\n', ' ')],
    ['no line ends', PEM.replaceAll('\n', '')],
    ['tabs', PEM.replaceAll('\n', '\n\t')],
    ['blank lines around it', `\n\n${PEM}\n\n`],
  ])('a PEM with %s is the same certificate', (_, pem) => {
    expect(readClientCertificate([encodeURIComponent(pem)], 'pem-escaped')).toEqual(DER)
  })
})

describe('certificateThumbprint', () => {
  test('is that of RFC 8705 Appendix A', async () => {
    expect(await certificateThumbprint(DER)).toBe(THUMBPRINT)
  })

  test('is that of the bytes that are seen, not of the buffer behind them', async () => {
    expect(await certificateThumbprint(Uint8Array.of(1, ...DER, 2).subarray(1, -1))).toBe(THUMBPRINT)
  })
})
