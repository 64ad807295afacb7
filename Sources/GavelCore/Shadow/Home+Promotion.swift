/// Rules for one room alone.
extension Home {
    /// Has a room go on under rules of its own.
    /// - Returns: `nil` where there is no such room, or it has no rules.
    mutating func promote(_ key: RoomKey, to provider: any RulesProvider, at moment: Moment) -> ReloadReport? {
        guard let place = self.placeToAct(of: key, at: moment), let old = self.rooms[place].policy.rules else {
            return nil
        }
        let left = self.rooms[place].leftRules ?? old
        var reload = Reload(.adoption, self.settings) { _ in }
        self.exchange(&reload, place, from: old, to: provider)
        if reload.report.changed > 0 {
            self.rooms[place].leftRules = left.identity == provider.identity ? nil : left
        }
        return reload.report
    }

    /// What a room that was given rules of its own does when its kind is given others.
    /// - Returns: `false` where it is not such a room, or its kind now has rules of another file.
    mutating func followFromPromotion(_ reload: inout Reload, _ place: Int, to new: (any RulesProvider)?) -> Bool {
        guard let left = self.rooms[place].leftRules, let new, left.name == new.name,
            let old = self.rooms[place].policy.rules
        else { return false }
        if left.identity == new.identity {
            reload.report.unchanged += 1
            return true
        }
        let changed = reload.report.changed
        self.exchange(&reload, place, from: old, to: new)
        if reload.kind == .adoption, reload.report.changed > changed { self.rooms[place].leftRules = nil }
        return true
    }

    /// After a room has gone back to rules that it had.
    mutating func notePromotionOver(_ place: Int) {
        if self.rooms[place].leftRules?.identity == self.rooms[place].policy.rules?.identity {
            self.rooms[place].leftRules = nil
        }
    }
}
