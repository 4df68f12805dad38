"""What each side of an exchange has to do, and what happened in it, in French and English."""

from shared.phrases.names import Names

# What its reader has to do; the codes are `services.catalog.exchanges.steps.Step`.
OWN_STEPS: Names = {
    "choose": ("Choisissez parmi les propositions reçues.", "Choose among the proposals you received."),
    "renew": (
        "Renouvelez votre proposition : sa validité est passée.",
        "Renew your proposal: it is valid no longer.",
    ),
    "conclude": ("Concluez l'accord.", "Conclude the agreement."),
    "sign": ("Lisez l'accord et signez-le.", "Read the agreement and sign it."),
    "carry_out": (
        "Faites ce qui est convenu, cochez les étapes, puis dites que tout est fait.",
        "Do what was agreed, tick the milestones, then say that all is done.",
    ),
    "finish": (
        "Dites que tout est fait, si c'est le cas : l'autre partie l'a dit.",
        "Say that all is done, if it is: the other side has said so.",
    ),
    "take": (
        "Prenez cette part, ou relâchez l'option, avant qu'elle se termine.",
        "Take this part, or let the option go, before it ends.",
    ),
    "come": ("Venez prendre cette part à l'heure de votre créneau.", "Come for this part within your slot."),
    "prepare": ("Tenez cette part prête pour le créneau.", "Have this part ready for the slot."),
    "say": ("Dites combien est parti.", "Say how much has left."),
    "agree": (
        "Accordez vos chiffres : corrigez le vôtre, ou acceptez l'autre.",
        "Agree on a figure: correct yours, or accept the other.",
    ),
    "call_off": (
        "L'enlèvement n'a pas lieu : annulez l'accord qui en parle.",
        "The pick-up does not take place: cancel the agreement about it.",
    ),
}
# What the other side has to do; a name stands for {name}.
THEIR_STEPS: Names = {
    "choose": ("{name} : choisir parmi les propositions reçues.", "{name}: choose among the proposals received."),
    "renew": (
        "{name} : renouveler sa proposition, dont la validité est passée.",
        "{name}: renew its proposal, which is valid no longer.",
    ),
    "conclude": ("{name} : conclure l'accord.", "{name}: conclude the agreement."),
    "sign": ("{name} : signer l'accord.", "{name}: sign the agreement."),
    "carry_out": (
        "{name} : faire ce qui est convenu, puis dire que tout est fait.",
        "{name}: do what was agreed, then say that all is done.",
    ),
    "finish": ("{name} : dire que tout est fait, comme vous.", "{name}: say that all is done, as you did."),
    "take": ("{name} : prendre cette part, ou relâcher l'option.", "{name}: take this part, or let the option go."),
    "come": ("{name} : venir à l'heure de son créneau.", "{name}: come within its slot."),
    "prepare": ("{name} : tenir cette part prête pour le créneau.", "{name}: have this part ready for the slot."),
    "say": ("{name} : dire combien est parti.", "{name}: say how much has left."),
    "agree": (
        "{name} : corriger son chiffre, ou accepter le vôtre.",
        "{name}: correct its figure, or accept yours.",
    ),
    "call_off": (
        "{name} : annuler l'accord, puisque l'enlèvement n'a pas lieu.",
        "{name}: cancel the agreement, since the pick-up does not take place.",
    ),
}
# The button that leads to one's own.
STEP_ACTIONS: Names = {
    "choose": ("Comparer et choisir", "Compare and choose"),
    "renew": ("Renouveler la proposition", "Renew the proposal"),
    "conclude": ("Conclure l'accord", "Conclude the agreement"),
    "sign": ("Lire et signer", "Read and sign"),
    "carry_out": ("Voir l'accord", "See the agreement"),
    "finish": ("Voir l'accord", "See the agreement"),
    "take": ("Voir l'option", "See the option"),
    "come": ("Voir l'enlèvement", "See the pick-up"),
    "prepare": ("Voir l'enlèvement", "See the pick-up"),
    "say": ("Dire combien", "Say how much"),
    "agree": ("Accorder les chiffres", "Agree on a figure"),
    "call_off": ("Voir l'accord", "See the agreement"),
}
# The stages of an exchange, and where each stands; the codes are those of `services.catalog.exchanges.stages`.
STAGES: Names = {
    "proposal": ("Proposition", "Proposal"),
    "choice": ("Choix", "Choice"),
    "agreement": ("Accord", "Agreement"),
    "signatures": ("Signatures", "Signatures"),
    "work": ("Réalisation", "Carrying out"),
    "part": ("Part prise", "Part taken"),
    "pick_up": ("Enlèvement", "Pick-up"),
    "quantity": ("Quantité", "Quantity"),
    "closing": ("Clôture de l'accord", "Agreement closed"),
}
STANDINGS: Names = {
    "done": ("Fait", "Done"),
    "current": ("En cours", "Under way"),
    "stopped": ("Arrêté ici", "Stopped here"),
    "coming": ("À venir", "To come"),
    "dropped": ("Sans suite", "Dropped"),
}
# What happened, by the audit trail's word for it; {who} is an organisation, {milestone} a number.
HAPPENED: Names = {
    "proposal.made": ("Proposition faite par {who}", "Proposal made by {who}"),
    "proposal.revised": ("Proposition révisée par {who}", "Proposal revised by {who}"),
    "proposal.withdrawn": ("Proposition retirée par {who}", "Proposal taken back by {who}"),
    "proposal.accepted": ("Proposition choisie par {who}", "Proposal chosen by {who}"),
    "proposal.rejected": ("Proposition non retenue par {who}", "Proposal not chosen by {who}"),
    "agreement.concluded": ("Accord conclu par {who}, à signer", "Agreement concluded by {who}, to be signed"),
    "agreement.changed": (
        "Accord modifié par {who}, à signer de nouveau",
        "Agreement changed by {who}, to be signed again",
    ),
    "agreement.signed": ("Accord signé par {who}", "Agreement signed by {who}"),
    "agreement.ticked": ("Étape {milestone} cochée par {who}", "Milestone {milestone} ticked by {who}"),
    "agreement.unticked": ("Étape {milestone} décochée par {who}", "Milestone {milestone} unticked by {who}"),
    "agreement.finished": ("Tout est fait, selon {who}", "All is done, says {who}"),
    "agreement.cancelled": ("Accord annulé par {who}", "Agreement cancelled by {who}"),
    "lot.taken": ("Part prise par {who}", "Part taken by {who}"),
    "lot.held": ("Option posée par {who}", "Option taken by {who}"),
    "lot.held-longer": ("Option prolongée par {who}", "Option kept longer by {who}"),
    "lot.released": ("Option relâchée par {who}", "Option let go by {who}"),
    "lot.hold-expired": ("Option arrivée à son terme", "Option over"),
    "lot.cancelled": ("Enlèvement annulé par {who}", "Pick-up called off by {who}"),
    "lot.missed": ("Enlèvement noté manqué par {who}", "Pick-up noted as missed by {who}"),
    "lot.done": ("Quantité enlevée dite par {who}", "Quantity that left, said by {who}"),
    "lot.disputed": (
        "Quantité dite par {who} : les deux chiffres s'écartent",
        "Quantity said by {who}: the two figures differ",
    ),
    "lot.confirmed": ("Enlèvement confirmé : {who} est d'accord", "Pick-up confirmed: {who} agrees"),
}
