"""An STS and an instance's metadata service on loopback, whose keys open the SLS double."""

from sandbox.sts.credential import Credential, Vault
from sandbox.sts.instance import Instance
from sandbox.sts.oidc import Issuer
from sandbox.sts.server import StsServer
from sandbox.sts.trust import TrustedRole

__all__ = ["Credential", "Instance", "Issuer", "StsServer", "TrustedRole", "Vault"]
