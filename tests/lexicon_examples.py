"""For every category of every family: sentences in which it is found, and near misses in which it is not.

Square brackets mark what is found. The sentences were written for this file.
"""

EXAMPLES: dict[str, dict[str, tuple[list[str], list[str]]]] = {
    "addiction": {
        "abuse": (
            ["Its [abuse] is rising among students.", "They [abused] it for years."],
            ["An abusive email was deleted.", "The minister spoke of an abuse of power."],
        ),
        "addiction": (
            ["Phenibut is [addictive].", "After a month I was [hooked]."],
            ["She wrote an addendum.", "The tent hangs from a hook."],
        ),
        "craving": (
            ["The [cravings] came back at night.", "You will [crave] a cigarette."],
            ["The gravel was wet.", "He walked to the cave."],
        ),
        "dependence": (
            ["Daily use leads to [physical dependence].", "Some become [psychologically dependent]."],
            ["The price depends on weight.", "An independent laboratory tested it."],
        ),
        "help": (
            ["Call a [helpline] tonight.", "A doctor may prescribe [buprenorphine]."],
            ["The helmet was red.", "Data recovery took an hour."],
        ),
        "stopping": (
            ["Symptoms begin after the [last dose].", "I [quit] in March.", "She [missed doses] on a trip."],
            ["It is quite dry.", "The stopwatch broke.", "He ran out of eggs."],
        ),
        "suggestive": (
            ["She was [relying on] it to sleep.", "He felt the [urge to] vape again."],
            ["They live in a wet habitat.", "An urgent letter came."],
        ),
        "taper": (
            ["[Taper] over eight weeks.", "The clinic [weaned] her with care.", "I [cut my dose] by half."],
            ["Use adhesive tape.", "The weather was fine."],
        ),
        "tolerance": (
            ["[Tolerance] builds within days.", "Take a [tolerance break] now and then."],
            ["The school has zero tolerance for lateness.", "He tolerates noise."],
        ),
        "withdrawal": (
            ["[Withdrawal] lasts a week.", "I went [cold turkey]."],
            ["He made a cash withdrawal.", "The turkey was cold soup by noon."],
        ),
    },
    "denials": {
        "double_negative": (
            ["Kava [is not without] its own dangers.", "We have [no evidence that kava is safe]."],
            ["It is without dangers.", "The village is far from here."],
        ),
        "negator": (
            ["It does [not] harm.", "They say it [never] hurts."],
            ["Tie a knot.", "The notion is new."],
        ),
        "no_evidence": (
            ["We saw [no evidence that] it harms.", "The trial [did not find] harm."],
            ["The evidence is strong.", "They did find harm."],
        ),
        "rebuttal": (
            ["It is a [myth] that it harms.", "Such talk is [scaremongering]."],
            ["The mythology is old.", "It gave a false start."],
        ),
        "not_harmful": (
            ["It is [completely safe].", "A [non addictive] choice."],
            ["The safe was locked.", "It is addictive."],
        ),
    },
    "minimisers": {
        "degree": (
            ["The effects are [mild].", "It is [less addictive] than tobacco."],
            ["The mildew grew.", "It is addictive."],
        ),
        "frequency": (
            ["Such harm is [rare].", "This [rarely] happens."],
            ["A rarebit was served.", "This often happens."],
        ),
        "manageable": (
            ["The nausea is [manageable].", "It is [well tolerated]."],
            ["The manager left.", "The well is deep."],
        ),
        "transient": (
            ["The headache is [temporary].", "The symptoms [go away]."],
            ["A contemporary painter lived here.", "The symptoms stay."],
        ),
        "user_fault": (
            ["It harms only [if misused].", "Trouble comes from [irresponsible use]."],
            ["The direct road is closed.", "It harms all who drink it."],
        ),
    },
    "harms": {
        "at_risk": (
            ["[Pregnant] women must know.", "The [elderly] fall more often."],
            ["The elder tree blooms.", "Adults take two."],
        ),
        "contamination": (
            ["The batch was [contaminated].", "They found [salmonella] in it."],
            ["The leading brand is red.", "A container ship arrived."],
        ),
        "danger": (
            ["It is [dangerous].", "It can [harm] you."],
            ["The music has harmony.", "Brisk walks are good."],
        ),
        "interaction": (
            ["It [interacts with] statins.", "[Do not mix] it with wine."],
            ["The international team won.", "It acts fast."],
        ),
        "organ": (
            ["It causes [liver damage].", "Smokers die of [lung disease]."],
            ["The liver is an organ.", "They lung forward."],
        ),
        "overdose": (
            ["An [overdose] is possible.", "Two users [died]."],
            ["The dose is small.", "He follows a diet."],
        ),
        "side_effect": (
            ["The [side effects] are unpleasant to read.", "It has [adverse effects]."],
            ["The side door opened.", "The effects are strong."],
        ),
        "symptom": (
            ["I had [nausea] for days.", "[Seizures] followed.", "He was left with [no appetite]."],
            ["Naval history is long.", "They seize goods."],
        ),
        "warning": (
            ["The agency [warns] of it.", "Read the [warning] on the box."],
            ["The room is warm.", "The banner hangs outside."],
        ),
    },
    "hedges": {
        "approximator": (
            ["It lasts [roughly] a day.", "It is [typically] brewed."],
            ["The rough bark peels.", "A typical day."],
        ),
        "attribution": (
            ["[Some users report] calm.", "[Anecdotal evidence] exists."],
            ["The report is out.", "The evidence is here."],
        ),
        "booster": (
            ["It [certainly] works.", "It is [clinically proven]."],
            ["The clinic is closed.", "A clear sky."],
        ),
        "epistemic_verb": (
            ["It [seems to] help.", "Its colour [suggests] age."],
            ["The seam split.", "We made a list."],
        ),
        "likelihood": (
            ["It will [probably] rain.", "[Perhaps] it helps."],
            ["The probe landed.", "Kava is a root with a potential for abuse."],
        ),
        "modal": (
            ["It [may] harm.", "It [might be] tea.", "This [may] pass.", "You [may] also feel sick."],
            ["It was banned in May 2019.", "A mighty river."],
        ),
        "open_question": (
            ["The dose is [unknown].", "[More research is needed].", "[Not much is known] of it."],
            ["The dose is known.", "The search is on."],
        ),
        "vague": (
            ["[Some people] sleep.", "Users [tend to] sleep."],
            ["The tender leaf.", "People sleep."],
        ),
    },
    "promotion": {
        "benefit": (
            ["Feel the [relief].", "It [boosts] your day."],
            ["The reliefs on the wall are old stone.", "The boot is wet."],
        ),
        "call_to_action": (
            ["[Buy now] and save.", "[Add to cart]."],
            ["A buoy floats.", "A carton fell."],
        ),
        "natural": (
            ["An [all natural] leaf.", "[Herbal] from root to tip."],
            ["A naturalist wrote it.", "A plant grows."],
        ),
        "praise": (
            ["A [premium] leaf.", "[Amazing] stuff."],
            ["A premise fails.", "A maze of roads."],
        ),
        "price": (
            ["It comes with [free shipping].", "Use the [coupon] today."],
            ["The ship sank.", "A couple walked."],
        ),
        "product": (
            ["Two [capsules] a day.", "New [gummies] are here."],
            ["The capsized boat.", "The gum tree."],
        ),
        "testimonial": (
            ["I [highly recommend] it.", "Users [swear by] it."],
            ["He swore an oath.", "The high road."],
        ),
        "usage": (
            ["Take it [on an empty stomach].", "The [recommended dose] is a gram."],
            ["The stomach is empty.", "An overdose happened."],
        ),
    },
    "relations": {
        "advice": (
            ["[Consult] a nurse.", "You [should] wait."],
            ["A shoulder hurts.", "The consulate is shut."],
        ),
        "causes": (
            ["It [leads to] harm.", "Harm [caused] by it."],
            ["The leader spoke.", "A causeway crosses."],
        ),
        "condition": (
            ["It is fine [in moderation].", "It works [as long as] you sleep."],
            ["The proposal failed.", "A moderator spoke."],
        ),
        "contrast": (
            ["Cheap, [but] risky.", "Risky, [however] cheap."],
            ["A butter knife.", "How it works."],
        ),
        "mitigates": (
            ["Sip it to [prevent] harm.", "It [mitigates] harm."],
            ["The event passed.", "A void opened."],
        ),
        "dispute": (
            ["[So called] experts said it.", "Much of it is [hype]."],
            ["So they called.", "The artefact is old."],
        ),
        "person": (
            ["[Users] sleep.", "It hurt [me]."],
            ["The usual tea.", "The metal bends."],
        ),
        "question": (
            ["[Is it] legal?", "[How long] does kava last?"],
            ["It is legal.", "A long road."],
        ),
        "reference": (
            ["[These symptoms] pass.", "[This drug] is sold."],
            ["The thesis is done.", "Leaves fall."],
        ),
        "relieves": (
            ["It [eases] pain.", "It [helps with] sleep."],
            ["An easel stands.", "A whelp barked."],
        ),
        "stops": (
            ["[Long term use] harms.", "When you [stopped], it came."],
            ["A stopwatch ticks.", "The dailies are out."],
        ),
    },
    "exceptions": {
        "ignore": (
            ["It was sold [in May] to all.", "The [potential for abuse] is high.", "Its course is [mild to severe]."],
            ["It may harm.", "The abuse is known.", "Its course is mild."],
        ),
    },
}
