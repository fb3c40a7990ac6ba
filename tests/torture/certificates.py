"""A certificate authority, a certificate from it for localhost, and one from an unknown authority."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def write_certificates(folder):
    """Writes `authority.pem`, `leaf.pem` (with its key) and `wrong.pem` (the same from an unknown authority)."""
    authority, authority_key = _certificate("Torture", None, None)
    leaf, leaf_key = _certificate("localhost", authority, authority_key)
    stranger, stranger_key = _certificate("Stranger", None, None)
    wrong, wrong_key = _certificate("localhost", stranger, stranger_key)
    (folder / "authority.pem").write_bytes(_pem(authority))
    (folder / "leaf.pem").write_bytes(_pem(leaf) + _key_pem(leaf_key))
    (folder / "wrong.pem").write_bytes(_pem(wrong) + _key_pem(wrong_key))


def _certificate(name, authority, authority_key):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
        .issuer_name(authority.subject if authority else subject).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    return builder.sign(authority_key or key, hashes.SHA256()), key


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
