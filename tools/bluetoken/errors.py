"""Everything that can go wrong at the desk, as one sentence each that says what to do.

A docstring is what the user reads when an error is raised without a text of its own.
"""


class BluetokenError(Exception):
    """Something went wrong."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or " ".join((type(self).__doc__ or "").split()))


# The cable and what is at its other end.


class UnknownBoard(BluetokenError):
    """This board is not known: `bluetoken boards` lists those that are."""


class BadBoard(BluetokenError):
    """A board's file is not right: correct it, docs/BOARDS.md describes every key."""


class NoSuchPort(BluetokenError):
    """No token was found: plug it in, wake it with its button, or name its serial port with --port."""


class NotAToken(BluetokenError):
    """The port answers, but not as MicroPython does: write MicroPython to the board first."""


class NoApp(BluetokenError):
    """The board runs MicroPython without Bluetoken: write it with `bluetoken flash`."""


class BrokenFileSystem(BluetokenError):
    """The token's file system cannot be read: save its flash with esptool if it matters, then erase the board and
    write it anew."""


class CableLost(BluetokenError):
    """The connection to the token was lost: plug it in and repeat the command, nothing is lost by that."""


class DeviceFault(BluetokenError):
    """The token answered with an error of its own: restart it with its button and repeat the command."""


class FlashFailed(BluetokenError):
    """The firmware could not be written: plug the board in again and repeat the command."""


# Whose token it is.


class NotIssued(BluetokenError):
    """This token was not issued to anybody yet: give it out with `bluetoken issue`."""


class AlreadyIssued(BluetokenError):
    """This token was issued already: add --again to give it to somebody else."""


class ForeignToken(BluetokenError):
    """This token was issued by another registry: bring it to the clinic that issued it."""


class UnknownToken(BluetokenError):
    """This registry knows no such token: check the label, or restore the registry from its backup."""


class LabelTaken(BluetokenError):
    """Another token in use carries this label: choose another label."""


class UnsyncedData(BluetokenError):
    """The token holds encounters that are not in the registry: run `bluetoken sync` first."""


class NoConsent(BluetokenError):
    """There is no consent in force for this token: record one with `bluetoken issue`."""


# The registry.


class RegistryLocked(BluetokenError):
    """Another program is writing to the registry: close it, or wait a moment, and repeat the command."""


class DiskFull(BluetokenError):
    """The disk is full: free some space and repeat the command, nothing that was stored is lost."""


class NotARegistry(BluetokenError):
    """The database is not a Bluetoken registry: check BLUETOKEN_DATABASE."""


class RegistryTooNew(BluetokenError):
    """The registry was written by a newer version of Bluetoken: update this program."""


class RegistryUnusable(BluetokenError):
    """The registry cannot be used: check that its folder exists and may be written to."""


class DamagedSegment(BluetokenError):
    """A segment is not what the token says it wrote: it stays on the token, run `bluetoken sync` again."""


# Cases and diagnosis keys.


class UnknownCase(BluetokenError):
    """There is no such case: `bluetoken case list` shows those there are."""


class CaseTaken(BluetokenError):
    """A case with this reference exists already: choose another reference."""


class NoKeys(BluetokenError):
    """There are no diagnosis keys: run `bluetoken case release` or `bluetoken keys import` first."""


class BadKeyFile(BluetokenError):
    """The file holds no diagnosis keys this program understands, so nothing was imported."""


# The health authority's keys.


class NoAuthorityKey(BluetokenError):
    """There is no authority key to seal to: run `bluetoken keys authority add` first, or issue with --in-the-clear."""


class SealedData(BluetokenError):
    """What is asked for is sealed: do it where the authority's private key is."""


class NotAnAuthorityFile(BluetokenError):
    """The file holds no authority keys: check its name."""


class AuthorityFileTooNew(BluetokenError):
    """The file was written by a newer version of Bluetoken: update this program."""


class DamagedAuthorityFile(BluetokenError):
    """The file with the authority keys is damaged: take its backup."""


class AuthorityFileExists(BluetokenError):
    """The file is there already and is never overwritten: choose another name."""


class BadAuthorityKey(BluetokenError):
    """This public key must not be used: get the health authority's public file again."""


class WrongPassphrase(BluetokenError):
    """The passphrase does not open the file: type it again."""


class OutOfMemory(BluetokenError):
    """The passphrase takes more memory than is free on this computer: close other programs and repeat the command."""


# Rules, and what is entered.


class UnknownRule(BluetokenError):
    """There is no such contact rule."""


class BadInput(BluetokenError):
    """What was entered cannot be right: check it and repeat the command."""


class BadSetting(BluetokenError):
    """A setting in the environment cannot be understood: correct it or remove it."""


class CannotRead(BluetokenError):
    """A file cannot be read: check its name and that you may read it."""


class CannotWrite(BluetokenError):
    """A file cannot be written: check that its folder exists and that you may write there."""


class BadStudyData(BluetokenError):
    """The folder does not hold the recordings this study needs: name it with --data."""


class BadTrace(BluetokenError):
    """A contact trace is a table: time in seconds, two ids, and what else it likes."""


class BadScenario(BluetokenError):
    """A scenario is not as docs/VIRTUAL.md says."""


class NoMicroPython(BluetokenError):
    """There is no MicroPython on this machine: run `make setup`."""


class NoRv32(BluetokenError):
    """There is no 32-bit MicroPython under QEMU on this machine: run `make rv32`."""
