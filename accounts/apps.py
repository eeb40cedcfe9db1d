from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import devices, owners, passkeys, still_open  # noqa: F401, PLC0415 (models are there only now)
