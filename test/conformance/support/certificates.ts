import { createHash, X509Certificate } from 'node:crypto'

/** A certificate of a client, made for these tests with openssl. */
export const CERTIFICATE: string = `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUHOByrrZQTo/bPR37SqCzbPgwoGYwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIY2xpZW50LWEwIBcNMjYxMTI5MTk0OTQ4WhgPMjEyNjExMDUx
OTQ5NDhaMBMxETAPBgNVBAMMCGNsaWVudC1hMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEmqCwFJczZNAKn09Lbwvs7EVYDTmMyMZRAHTFh5HXIx2keVCyOvxJTaPO
hYb29uZ6s90GeFoKN/z0W8q4+/TMtKNTMFEwHQYDVR0OBBYEFMFMEj9HHUmSrRPB
HPzOiJaM63MiMB8GA1UdIwQYMBaAFMFMEj9HHUmSrRPBHPzOiJaM63MiMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgLK7ZnKwwh7KEiVkOdJF5OY1l
XIH5RpZYb7d6IT3AfDwCIGxPWCWvtchxq1m1fMcz5ehzPTTJ+UhD/sN1/rOiRms9
-----END CERTIFICATE-----
`

/** A certificate of a client, made for these tests with openssl. */
export const OTHER_CERTIFICATE: string = `-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUYhfWuXylyksmjVA5Id2fxJx53rQwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIY2xpZW50LWIwIBcNMjYxMTI5MTk0OTQ4WhgPMjEyNjExMDUx
OTQ5NDhaMBMxETAPBgNVBAMMCGNsaWVudC1iMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAESU69eOI1VehcJYc+ctVRvpA8Q4AfLuZ7Kmzzv4YqxbDZ4e0iq2EyRH7H
XLi6B0omVWbshK4MENIxG7WkkGKuUKNTMFEwHQYDVR0OBBYEFC6wOHBVVxJyTlcg
OowmdsYKXoPTMB8GA1UdIwQYMBaAFC6wOHBVVxJyTlcgOowmdsYKXoPTMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgYg5Kxfwqf5twxpMEBQVF4L86
vAu9kiKlw4OHK0JD1W8CIFiuVHX+Avcib35tbYp6eg0SouDhJlS8L365SAWpKhVv
-----END CERTIFICATE-----
`

/** The DER of a certificate. */
export function derOf(pem: string): Buffer {
  return new X509Certificate(pem).raw
}

/** RFC 8705 §3.1: `x5t#S256`. */
export function certificateHash(pem: string): string {
  return createHash('sha256').update(derOf(pem)).digest('base64url')
}
