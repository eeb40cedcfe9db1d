from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0014_replaced_by"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="session",
            options={"ordering": [models.OrderBy(F("start"), nulls_last=True), "title"]},
        ),
        migrations.AlterField(
            model_name="session",
            name="start",
            field=models.DateTimeField(
                blank=True, help_text="Empty as long as it has no time; then its end is, too.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="end",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(start__isnull=False, end__isnull=False),
                name="session_has_both_times_or_none",
                violation_error_message="A session has both a start and an end, or neither.",
            ),
        ),
    ]
