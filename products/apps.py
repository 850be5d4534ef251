"""The app of products."""

from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Name the app once."""

    name = "products"
    verbose_name = "Products"
