"""The forms around signing in, one's own account and the team."""

from typing import Any

from wtforms import HiddenField
from wtforms import PasswordField
from wtforms import SelectField
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.validators import ValidationError

from screener.auth.context import auth_context
from screener.auth.flask_security import PASSWORD_MAX_LENGTH
from screener.auth.flask_security import PASSWORD_MIN_LENGTH
from screener.auth.flask_security import find_password_error
from screener.staff import accounts
from screener.staff.labels import ROLE_DESCRIPTIONS
from screener.staff.models import Role
from screener.web.forms import AccessibleForm
from screener.web.forms import CheckboxesField
from screener.web.forms import validated_by

EMAIL_ATTRIBUTES = {"maxlength": 254, "autocapitalize": "none", "spellcheck": "false"}
CODE_ATTRIBUTES = {
    "class": "short",
    "maxlength": 40,
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
}


class SessionForm(AccessibleForm):
    """The session to end, by the hash that the account page gives it."""

    session = HiddenField()


class ResumeForm(AccessibleForm):
    """A form that carries the request which waits for a sign-in, signed."""

    held = HiddenField()


class SignInForm(ResumeForm):
    """An address and a password."""

    email = StringField(
        "Email address",
        validators=[InputRequired("Enter your email address.")],
        render_kw={**EMAIL_ATTRIBUTES, "inputmode": "email", "autocomplete": "username"},
    )
    password = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"maxlength": 200, "autocomplete": "current-password"},
    )


class CodeForm(ResumeForm):
    """A code of the second factor that is set up, or a recovery code."""

    code = StringField(
        "Code, or one of your recovery codes",
        validators=[InputRequired("Enter the code from your app.")],
        render_kw=CODE_ATTRIBUTES,
    )


class NewSecondFactorForm(ResumeForm):
    """The first code of an authenticator app, which proves that the app has the secret."""

    code = StringField(
        "Six-digit code",
        validators=[InputRequired("Enter the code from your app.")],
        render_kw={**CODE_ATTRIBUTES, "inputmode": "numeric"},
    )


class FreshSignInForm(ResumeForm):
    """A password or a code once more, before something that wants a fresh sign-in."""

    proof = PasswordField(
        "Password",
        validators=[InputRequired("Enter your password.")],
        render_kw={"maxlength": 200, "autocomplete": "current-password"},
    )


class NewPasswordForm(AccessibleForm):
    """A new password for the account of *email*."""

    password = PasswordField(
        "New password",
        validators=[InputRequired("Enter a new password.")],
        description=f"At least {PASSWORD_MIN_LENGTH} characters. A few words in a row are good.",
        render_kw={"minlength": PASSWORD_MIN_LENGTH, "maxlength": PASSWORD_MAX_LENGTH, "autocomplete": "new-password"},
    )

    def __init__(self, *, email: str, name: str, **options: Any) -> None:
        super().__init__(**options)
        self.email = email
        self.name = name

    def validate_password(self, field: Any) -> None:
        if fault := find_password_error(
            field.data, email=self.email, name=self.name, context=auth_context().password_context
        ):
            raise ValidationError(fault)


class InvitationCodeForm(AccessibleForm):
    """The code of an invitation, or the whole link with the code in it."""

    code = StringField(
        "Invitation code",
        validators=[InputRequired("Enter the code of your invitation: the part of the link after the # sign.")],
        description="Filled in when you open the link of your invitation. If it is not, paste the whole link here.",
        render_kw={"maxlength": 400, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class InvitationPasswordForm(NewPasswordForm):
    """The password that accepts the invitation of the code that it carries."""

    code = HiddenField()


class PersonForm(AccessibleForm):
    """The person who is invited."""

    name = StringField(
        "Name, as colleagues use it",
        validators=[validated_by(accounts.parse_name)],
        render_kw={"maxlength": accounts.NAME_MAX_LENGTH, "autocomplete": "off", "required": True},
    )
    email = StringField(
        "Email address",
        validators=[validated_by(accounts.parse_email)],
        render_kw={**EMAIL_ATTRIBUTES, "type": "email", "autocomplete": "off", "required": True},
    )


class RightsForm(AccessibleForm):
    """The roles of an account, and the languages in which its person can make a call."""

    role = CheckboxesField(
        "Roles",
        choices=[SelectChoice(role, words) for role, words in ROLE_DESCRIPTIONS.items()],
        default=[Role.COORDINATOR],
        validators=[validated_by(accounts.parse_roles)],
        validate_choice=False,
    )
    languages = StringField(
        "Languages for calls, as codes",
        default="en",
        validators=[validated_by(lambda text: accounts.parse_languages(split_language_codes(text)))],
        description="For example: en es. Codes on the form: en (English), es (Spanish), yue (Cantonese), "
        "cmn (Mandarin), fil (Filipino), vi (Vietnamese), ase (American Sign Language).",
        render_kw={"class": "short", "maxlength": 60, "autocomplete": "off", "spellcheck": "false"},
    )

    def rights(self) -> accounts.AccountRights:
        """The roles and languages of a valid form."""
        return accounts.parse_rights(self.role.data, split_language_codes(self.languages.data))


class InviteForm(PersonForm, RightsForm):
    """An invitation to the team."""


class DisableForm(AccessibleForm):
    """The colleague who takes over the open follow-ups of an account that is disabled."""

    heir = SelectField(
        "Open follow-ups go to",
        invalid_choice_message="Choose another coordinator who has accepted their invitation.",
    )

    def set_heirs(self, heirs: list[tuple[str, str]], open_items: int) -> None:
        """Set the colleagues to choose from, as (account id, name), and the number of follow-ups they would get."""
        unassigned = SelectChoice("", "no one: new ones are assigned again, the others wait to be claimed")
        self.heir.label.text = f"Open follow-ups ({open_items}) go to"
        self.heir.choices = [unassigned, *(SelectChoice(account_id, name) for account_id, name in heirs)]


def split_language_codes(text: str | None) -> list[str]:
    """The language codes in *text*, separated by spaces or commas."""
    return (text or "").replace(",", " ").split()
