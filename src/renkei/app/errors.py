"""What the app room raises."""

from renkei.kit import NodeError


class SettingsMissing(NodeError):
    """The settings file {file} cannot be read: {reason}. Give its path with --settings."""


class SettingsDefective(NodeError):
    """The settings file {file} is defective: {defect}. See docs/settings.md for every setting."""


class KeysMissing(NodeError):
    """The key file {file} is missing. Make the site's keys with `renkei init`."""


class KeysExposed(NodeError):
    """The key file {file} can be read by others. Give it mode 0600 and renew the key."""


class RoleWrong(NodeError):
    """This settings file is for the role {role}; start it with `renkei {command}`."""


class TokenRefused(NodeError):
    """The token does not belong to {who}. Give the token of the settings in the header {header}."""

    status = 401
