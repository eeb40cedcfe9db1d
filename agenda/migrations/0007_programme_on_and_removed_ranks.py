import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agenda', '0006_session_by_language'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='programme_on',
            field=models.DateField(blank=True, help_text='While the event is announced, its page says so. Publish the programme yourself when the day comes.', null=True, verbose_name='programme comes on'),
        ),
        migrations.AlterField(
            model_name='event',
            name='state',
            field=models.CharField(choices=[('hidden', 'hidden: only editors see it'), ('announced', 'announced: name, dates and place, no programme yet'), ('published', 'published: everybody reads its programme'), ('archived', 'archived: to be read, never shown first')], default='hidden', max_length=9),
        ),
        migrations.AddField(
            model_name='starlog',
            name='in_case_of',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='agenda.session'),
        ),
        migrations.AddField(
            model_name='starlog',
            name='stays_in_case',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
