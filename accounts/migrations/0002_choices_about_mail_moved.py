"""What somebody wants mail about is kept by the channels (channels.Preference)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("channels", "0003_bell_and_preferences")]
    operations = [migrations.RemoveField(model_name="user", name="mail_new_tickets")]
