/// Rules for one room alone.
extension Home {
    /// Has a room go on under rules of its own.
    /// - Returns: `nil` where there is no such room, or it has no rules.
    mutating func promote(_ key: RoomKey, to provider: any RulesProvider, at moment: Moment) -> ReloadReport? {
        guard let place = self.placeToAct(of: key, at: moment), let old = self.rooms[place].policy.rules else {
            return nil
        }
        let kind = self.rooms[place].leftRules ?? old
        var reload = Reload(.adoption, self.settings) { _ in }
        let besides = kind.identity == provider.identity ? nil : kind
        self.exchange(&reload, place, from: old, to: provider, besides: besides)
        return reload.report
    }

    /// What a room that was given rules of its own does when its kind is given others.
    /// - Returns: `false` where it is not such a room, or its kind now has rules of another file.
    mutating func followFromPromotion(_ reload: inout Reload, _ place: Int, to new: (any RulesProvider)?) -> Bool {
        guard let left = self.rooms[place].leftRules, let new, left.name == new.name,
            let old = self.rooms[place].policy.rules
        else { return false }
        if left.identity != new.identity {
            self.exchange(&reload, place, from: old, to: new)
        } else if self.rooms[place].refusedIdentity == new.identity {
            reload.report.noteReturned(self.rooms[place].key)
        } else {
            reload.report.unchanged += 1
        }
        return true
    }

    /// After a room has gone back to rules that it had: those of its kind, or its own, to follow its kind the next time.
    mutating func notePromotion(of place: Int, leaving failed: any RulesProvider, _ probation: Probation) {
        if probation.endedPromotion {
            self.rooms[place].leftRules = failed
        } else if self.rooms[place].leftRules?.identity == self.rooms[place].policy.rules?.identity {
            self.rooms[place].leftRules = nil
        }
    }
}
